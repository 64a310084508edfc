const GRAMMAR = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The UUID of an upload session, in lower case; the reference registry's purge knows sessions by this form. */
export class UploadId {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Undefined when the text is no UUID: then no session has it. */
  static parse(text: string): UploadId | undefined {
    return GRAMMAR.test(text) ? new UploadId(text) : undefined;
  }

  /** Of a UUID in lower case that a generator has just made. */
  static fromUuid(uuid: string): UploadId {
    return new UploadId(uuid);
  }

  toString(): string {
    return this.#text;
  }
}

import { RegistryError } from '../errors.js';

const GRAMMAR = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** The tag breaks the grammar (400). */
export class TagInvalid extends RegistryError {
  override readonly name = 'TagInvalid';

  constructor(text: string) {
    super(
      'TAG_INVALID',
      'a tag has 1 to 128 letters, digits, "_", "." and "-", and begins with none of the last two',
      { tag: text },
    );
  }
}

/** A tag by the grammar of the distribution-spec ("Pulling manifests"). */
export class TagName {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  static isValid(text: string): boolean {
    return GRAMMAR.test(text);
  }

  /** @throws TagInvalid */
  static parse(text: string): TagName {
    if (!GRAMMAR.test(text)) throw new TagInvalid(text);
    return new TagName(text);
  }

  toString(): string {
    return this.#text;
  }
}

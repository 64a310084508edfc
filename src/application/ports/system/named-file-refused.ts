/** A file that a key of the configuration names cannot be used. */
export class NamedFileRefused extends Error {
  override readonly name: string = 'NamedFileRefused';
  /** The key that names it: `http.tls.certificate`. */
  readonly key: string;
  /** What is wrong, with its full stop. Begins with the file, or with its line. */
  readonly sentence: string;

  /** @param sentence the message, unless that has to stand in a longer sentence */
  constructor(
    key: string,
    message: string,
    { sentence = message, ...options }: ErrorOptions & { readonly sentence?: string } = {},
  ) {
    super(message, options);
    this.key = key;
    this.sentence = sentence;
  }
}

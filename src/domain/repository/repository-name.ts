import { RegistryError } from '../errors.js';

const GRAMMAR = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const MAX_LENGTH = 255;

/** The name breaks the grammar (400). */
export class NameInvalid extends RegistryError {
  override readonly name = 'NameInvalid';

  constructor(message: string, detail?: unknown) {
    super('NAME_INVALID', message, detail);
  }
}

/** The registry has no repository of that name (404). */
export class NameUnknown extends RegistryError {
  override readonly name = 'NameUnknown';

  constructor(name: string) {
    super('NAME_UNKNOWN', 'the registry has no such repository', { name });
  }
}

/** A repository's name by the grammar of the distribution-spec ("Pulling manifests"), at most 255 characters. */
export class RepositoryName {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  static isValid(text: string): boolean {
    return text.length <= MAX_LENGTH && GRAMMAR.test(text);
  }

  /** @throws NameInvalid saying which rule the text breaks. */
  static parse(text: string): RepositoryName {
    if (text.length > MAX_LENGTH) {
      throw new NameInvalid(`a repository name has at most ${MAX_LENGTH} characters, not ${text.length}`);
    }
    if (!GRAMMAR.test(text)) {
      throw new NameInvalid(
        'a repository name is made of lower-case letters and digits, separated by one ".", one or two "_" or any ' +
          'number of "-", in components separated by "/"',
        { name: text },
      );
    }
    return new RepositoryName(text);
  }

  toString(): string {
    return this.#text;
  }
}

import { RegistryError } from '../errors.js';

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PATH = `${COMPONENT}(?:/${COMPONENT})*`;
const GRAMMAR = new RegExp(`^${PATH}$`);
const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
/** A host in front of the path; the reference registry takes it for a part of the name. */
const WITH_HOST = new RegExp(`^(${LABEL}(?:\\.${LABEL})*(?::[0-9]+)?)/(${PATH})$`);
const MAX_LENGTH = 255;

const RULE =
  'a repository name is made of lower-case letters and digits, separated by one ".", one or two "_" or any ' +
  'number of "-", in components separated by "/"';
const LENGTH_RULE = `a repository name has at most ${MAX_LENGTH} characters`;

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

/**
 * A repository's name. New ones follow the grammar of the distribution-spec ("Pulling manifests"), at most 255
 * characters. What the reference registry has stored may also begin with a host (`Example.com:5000/app`), which does
 * not count towards the length: such a name is read and deleted, never pushed to.
 */
export class RepositoryName {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** A name that may be pushed to. @throws NameInvalid saying which rule the text breaks. */
  static parse(text: string): RepositoryName {
    if (isNew(text)) return new RepositoryName(text);
    throw isStored(text) ? readOnly(text) : broken(text);
  }

  /** A name that a repository of the reference registry may have as well. @throws NameInvalid */
  static parseExisting(text: string): RepositoryName {
    const name = RepositoryName.ofExisting(text);
    if (name === undefined) throw broken(text);
    return name;
  }

  /** The same; undefined when no repository can have that name. */
  static ofExisting(text: string): RepositoryName | undefined {
    return isNew(text) || isStored(text) ? new RepositoryName(text) : undefined;
  }

  toString(): string {
    return this.#text;
  }
}

function isNew(text: string): boolean {
  return text.length <= MAX_LENGTH && GRAMMAR.test(text);
}

/** A host is one folder of the tree, so it is not longer than a file system's names are. */
function isStored(text: string): boolean {
  if (text.length > 2 * MAX_LENGTH + 1) return false;
  const [, host = '', path = ''] = WITH_HOST.exec(text) ?? [];
  return path !== '' && path.length <= MAX_LENGTH && host.length <= MAX_LENGTH;
}

function broken(text: string): NameInvalid {
  if (text.length <= MAX_LENGTH) return new NameInvalid(RULE, { name: text });
  return new NameInvalid(`${LENGTH_RULE}, not ${text.length}`);
}

function readOnly(text: string): NameInvalid {
  const rule = GRAMMAR.test(text) ? LENGTH_RULE : RULE;
  return new NameInvalid(`images can be pulled by this name, but not pushed: ${rule}`, { name: text });
}

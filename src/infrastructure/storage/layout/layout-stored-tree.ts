import type { StorageDriver, StorageEntry } from '../../../application/ports/storage/storage-driver.js';
import type {
  Found,
  StoredTag,
  StoredTree,
  TreeDamage,
} from '../../../application/ports/storage/stored-tree.js';
import { damageOfFault, LEADS_NOWHERE } from '../../../application/services/damage-of-fault.js';
import { mapInOrder } from '../../../application/services/map-in-order.js';
import type { Digest } from '../../../domain/content/digest.js';
import { isMediaType } from '../../../domain/content/media-type.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import { TagName } from '../../../domain/tag/tag-name.js';
import { blobPath, linkPath, storedPath } from './paths.js';
import { RepositoryWalk } from './repository-walk.js';
import { parseDigest, parseStoredLink } from './stored-link.js';
import { damageOf, isAddressable, NO_FOLDER } from './tree-damage.js';

/** Longer than any digest: what has more bytes is no link. */
const LONGEST_LINK = 1024;
const LARGEST_DECLARATION = 4096;
const LARGEST_MANIFEST = 4 * 1024 * 1024;
/** Small files that are read at once. */
const IN_FLIGHT = 32;
/** The reference registry writes beside a file and renames; a crash between the two leaves this. */
const TEMPORARY = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

type Listed = { readonly name: string } | { readonly damage: TreeDamage };

/** The reference registry's tree, on any driver. */
export class LayoutStoredTree implements StoredTree {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  repositories(
    after: string | undefined,
    signal: AbortSignal,
    onDamage: (damage: TreeDamage) => void = () => undefined,
  ): AsyncIterable<string> {
    return new RepositoryWalk(this.#driver, onDamage).names(after ?? '', signal);
  }

  async *tags(repository: string, signal: AbortSignal): AsyncIterable<Found<StoredTag>> {
    const folder = `${storedPath(repository)}/_manifests/tags`;
    const read = async (listed: Listed): Promise<Found<StoredTag> | undefined> =>
      'damage' in listed
        ? { kind: 'damaged', damage: listed.damage }
        : this.#readTag(repository, `${folder}/${listed.name}`, listed.name);
    const listed = await this.#folders(folder, repository);
    for await (const found of mapInOrder(listed, IN_FLIGHT, read, signal)) {
      if (found !== undefined) yield found;
    }
  }

  revisions(repository: string, signal: AbortSignal): AsyncIterable<Found<Digest>> {
    return this.#links(repository, `${storedPath(repository)}/_manifests/revisions`, signal);
  }

  layers(repository: string, signal: AbortSignal): AsyncIterable<Found<Digest>> {
    return this.#links(repository, `${storedPath(repository)}/_layers`, signal);
  }

  manifestBytes(digest: Digest): Promise<Uint8Array | undefined> {
    return this.#driver.readContent(blobPath(digest), LARGEST_MANIFEST);
  }

  async declaredMediaType(repository: string, { algorithm, hex }: Digest): Promise<string | undefined> {
    const path = `${storedPath(repository)}/_manifests/revisions/${algorithm}/${hex}/stowage.json`;
    const content = await this.#driver.readContent(path, LARGEST_DECLARATION);
    return content && parseDeclaration(content);
  }

  async blobSize(digest: Digest): Promise<number | undefined> {
    const stat = await this.#driver.stat(blobPath(digest));
    return stat?.kind === 'file' ? stat.size : undefined;
  }

  pathOf(name: LinkedName | string): string {
    return typeof name === 'string' ? storedPath(name) : linkPath(name);
  }

  async *#links(repository: string, folder: string, signal: AbortSignal): AsyncIterable<Found<Digest>> {
    for (const algorithm of await this.#folders(folder, repository)) {
      if ('damage' in algorithm) yield { kind: 'damaged', damage: algorithm.damage };
      else yield* this.#linksOf(repository, folder, algorithm.name, signal);
    }
  }

  async *#linksOf(
    repository: string,
    folder: string,
    algorithm: string,
    signal: AbortSignal,
  ): AsyncIterable<Found<Digest>> {
    const listed = await this.#folders(`${folder}/${algorithm}`, repository);
    const read = async (one: Listed): Promise<Found<Digest> | undefined> =>
      'damage' in one
        ? { kind: 'damaged', damage: one.damage }
        : this.#readLink(repository, `${folder}/${algorithm}/${one.name}`, `${algorithm}:${one.name}`);
    for await (const found of mapInOrder(listed, IN_FLIGHT, read, signal)) {
      if (found !== undefined) yield found;
    }
  }

  /** Undefined when the tag was taken away meanwhile. */
  async #readTag(repository: string, folder: string, name: string): Promise<Found<StoredTag> | undefined> {
    const damaged = (reason: string, path = `${folder}/current/link`): Found<StoredTag> => ({
      kind: 'damaged',
      damage: damageOf(path, repository, reason),
    });
    if (!TagName.isValid(name)) return damaged('is a name that no tag can have', folder);
    const link = await this.#read(repository, `${folder}/current`);
    if (link === undefined) {
      const isGone = (await this.#driver.list(folder)).length === 0;
      return isGone ? undefined : damaged('is missing');
    }
    if ('path' in link) return { kind: 'damaged', damage: link };
    const digest = parseStoredLink(link.content);
    return 'reason' in digest ? damaged(digest.reason) : { kind: 'found', value: { name, digest } };
  }

  /** Undefined when the link was taken away. */
  async #readLink(repository: string, folder: string, text: string): Promise<Found<Digest> | undefined> {
    const damaged = (reason: string, path = `${folder}/link`): Found<Digest> => ({
      kind: 'damaged',
      damage: damageOf(path, repository, reason),
    });
    const expected = parseDigest(text);
    if (expected === undefined) return damaged('is a name that no digest has', folder);
    const link = await this.#read(repository, folder);
    if (link === undefined) return undefined;
    if ('path' in link) return { kind: 'damaged', damage: link };
    const digest = parseStoredLink(link.content);
    if ('reason' in digest) return damaged(digest.reason);
    if (digest.equals(expected)) return { kind: 'found', value: digest };
    // The reference registry has given it another name, but bytes of its own are there as well.
    if (isAlias(expected, digest) && (await this.blobSize(expected)) !== undefined) {
      return { kind: 'found', value: expected };
    }
    return damaged(
      isAlias(expected, digest)
        ? `is another name of ${digest.toString()}, as the reference registry gives it, and is not served`
        : 'names another digest than its folder',
    );
  }

  /** The file `link` in a folder; undefined when there is none. */
  async #read(
    repository: string,
    folder: string,
  ): Promise<{ readonly content: Uint8Array } | TreeDamage | undefined> {
    const path = `${folder}/link`;
    try {
      const content = await this.#driver.readContent(path, LONGEST_LINK);
      return content === undefined ? await this.#whyMissing(path, repository) : { content };
    } catch (error) {
      return damageOfFault(error, path, repository);
    }
  }

  /** The folders in a folder by byte order of their names, and what is there instead of folders. */
  async #folders(path: string, repository: string): Promise<Iterable<Listed>> {
    try {
      const entries = await this.#driver.list(path);
      if (entries.length === 0) {
        const damage = await this.#whyMissing(path, repository);
        return damage === undefined ? [] : [{ damage }];
      }
      return inOrder(entries, path, repository);
    } catch (error) {
      return [{ damage: damageOfFault(error, path, repository) }];
    }
  }

  /**
   * Why nothing is found at a path inside a repository: undefined when nothing is there indeed. Asked only where that
   * is the exception.
   */
  async #whyMissing(path: string, repository: string): Promise<TreeDamage | undefined> {
    const root = storedPath(repository);
    for (let at = path; at !== root;) {
      const slash = at.lastIndexOf('/');
      const folder = at.slice(0, slash);
      const entries = await this.#driver.list(folder);
      const entry = entries.find(({ name }) => name === at.slice(slash + 1));
      if (entry?.kind === 'other') return damageOf(at, repository, LEADS_NOWHERE);
      if (entry?.kind === 'file') return damageOf(at, repository, NO_FOLDER);
      if (entry?.kind === 'folder') return undefined;
      // What was taken away leaves its folder. The one above may have many of them: it is not listed for each.
      if (entries.length === 0 && (await this.#driver.stat(folder))?.kind === 'folder') return undefined;
      at = folder;
    }
    return undefined;
  }
}

/** A sha512 upload to the reference registry is kept under its sha256 digest, and the sha512 link says so. */
function isAlias(name: Digest, target: Digest): boolean {
  return name.algorithm === 'sha512' && target.algorithm === 'sha256';
}

/** One by one: there may be a million. */
function* inOrder(entries: readonly StorageEntry[], folder: string, repository: string): Iterable<Listed> {
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const isTemporary = entry.kind !== 'folder' && TEMPORARY.test(entry.name);
    if (!isTemporary) yield asListed(entry, folder, repository);
  }
}

function asListed({ name, kind }: StorageEntry, folder: string, repository: string): Listed {
  const path = `${folder}/${name}`;
  if (!isAddressable(name)) return { damage: damageOf(path, repository, 'is a name that is never written') };
  if (kind === 'folder') return { name };
  return { damage: damageOf(path, repository, kind === 'file' ? NO_FOLDER : LEADS_NOWHERE) };
}

function parseDeclaration(content: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(content).toString());
    const mediaType: unknown = typeof value === 'object' && value !== null && Reflect.get(value, 'mediaType');
    return typeof mediaType === 'string' && isMediaType(mediaType) ? mediaType : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

import type { StorageDriver, StorageEntry } from '../../../application/ports/storage/storage-driver.js';
import type {
  Found,
  StoredRepository,
  StoredTag,
  TreeDamage,
} from '../../../application/ports/storage/stored-tree.js';
import { damageOfFault, LEADS_NOWHERE } from '../../../application/services/damage-of-fault.js';
import { mapInOrder } from '../../../application/services/map-in-order.js';
import type { Digest } from '../../../domain/content/digest.js';
import { TagName } from '../../../domain/tag/tag-name.js';
import { isTemporary, LinkReader, type BlobSize, type Damaged } from './link-reader.js';
import { storedPath } from './paths.js';
import { parseDigest } from './stored-link.js';
import { damageOf, isAddressable, NO_FOLDER } from './tree-damage.js';

/** Small files that are read at once. */
const IN_FLIGHT = 32;

type Listed = { readonly name: string } | { readonly damage: TreeDamage };

/** A repository of the tree, folder by folder: each link is read. */
export class WalkedRepository implements StoredRepository {
  readonly #driver: StorageDriver;
  readonly #repository: string;
  readonly #reader: LinkReader;

  constructor(driver: StorageDriver, repository: string, blobSize: BlobSize) {
    this.#driver = driver;
    this.#repository = repository;
    this.#reader = new LinkReader(driver, repository, blobSize);
  }

  async *tags(signal: AbortSignal): AsyncIterable<Found<StoredTag>> {
    const folder = `${storedPath(this.#repository)}/_manifests/tags`;
    const read = async (listed: Listed): Promise<Found<StoredTag> | undefined> =>
      'damage' in listed
        ? { kind: 'damaged', damage: listed.damage }
        : this.#readTag(`${folder}/${listed.name}`, listed.name);
    const listed = await this.#folders(folder);
    for await (const found of mapInOrder(listed, IN_FLIGHT, read, signal)) {
      if (found !== undefined) yield found;
    }
  }

  revisions(signal: AbortSignal): AsyncIterable<Found<Digest>> {
    return this.#links(`${storedPath(this.#repository)}/_manifests/revisions`, signal);
  }

  layers(signal: AbortSignal): AsyncIterable<Found<Digest>> {
    return this.#links(`${storedPath(this.#repository)}/_layers`, signal);
  }

  declaredMediaType(digest: Digest): Promise<string | undefined> {
    return this.#reader.declaredMediaType(digest);
  }

  async *#links(folder: string, signal: AbortSignal): AsyncIterable<Found<Digest>> {
    for (const algorithm of await this.#folders(folder)) {
      if ('damage' in algorithm) yield { kind: 'damaged', damage: algorithm.damage };
      else yield* this.#linksOf(folder, algorithm.name, signal);
    }
  }

  async *#linksOf(folder: string, algorithm: string, signal: AbortSignal): AsyncIterable<Found<Digest>> {
    const listed = await this.#folders(`${folder}/${algorithm}`);
    const read = async (one: Listed): Promise<Found<Digest> | undefined> =>
      'damage' in one
        ? { kind: 'damaged', damage: one.damage }
        : this.#readLink(`${folder}/${algorithm}/${one.name}`, `${algorithm}:${one.name}`);
    for await (const found of mapInOrder(listed, IN_FLIGHT, read, signal)) {
      if (found !== undefined) yield found;
    }
  }

  /** Undefined when the tag was taken away meanwhile. */
  async #readTag(folder: string, name: string): Promise<Found<StoredTag> | undefined> {
    if (!TagName.isValid(name)) return this.#reader.damaged(folder, 'is a name that no tag can have');
    const path = `${folder}/current/link`;
    const link = await this.#read(path);
    if (link === undefined) {
      const isGone = (await this.#driver.list(folder)).length === 0;
      return isGone ? undefined : this.#reader.damaged(path, 'is missing');
    }
    return 'content' in link ? this.#reader.tag(path, name, link.content) : link;
  }

  /** Undefined when the link was taken away. */
  async #readLink(folder: string, text: string): Promise<Found<Digest> | undefined> {
    const expected = parseDigest(text);
    if (expected === undefined) return this.#reader.damaged(folder, 'is a name that no digest has');
    const path = `${folder}/link`;
    const link = await this.#read(path);
    return link !== undefined && 'content' in link ? this.#reader.link(path, expected, link.content) : link;
  }

  /** Undefined when there is no such file. */
  async #read(path: string): Promise<{ readonly content: Uint8Array } | Damaged | undefined> {
    const link = await this.#reader.content(path);
    if (link !== undefined) return link;
    try {
      const damage = await this.#whyMissing(path);
      return damage && { kind: 'damaged', damage };
    } catch (error) {
      return { kind: 'damaged', damage: damageOfFault(error, path, this.#repository) };
    }
  }

  /** The folders in a folder by byte order of their names, and what is there instead of folders. */
  async #folders(path: string): Promise<Iterable<Listed>> {
    try {
      const entries = await this.#driver.list(path);
      if (entries.length === 0) {
        const damage = await this.#whyMissing(path);
        return damage === undefined ? [] : [{ damage }];
      }
      return inOrder(entries, path, this.#repository);
    } catch (error) {
      return [{ damage: damageOfFault(error, path, this.#repository) }];
    }
  }

  /**
   * Why nothing is found at a path inside the repository: undefined when nothing is there indeed. Asked only where that
   * is the exception.
   */
  async #whyMissing(path: string): Promise<TreeDamage | undefined> {
    const root = storedPath(this.#repository);
    for (let at = path; at !== root;) {
      const slash = at.lastIndexOf('/');
      const folder = at.slice(0, slash);
      const entries = await this.#driver.list(folder);
      const entry = entries.find(({ name }) => name === at.slice(slash + 1));
      if (entry?.kind === 'other') return damageOf(at, this.#repository, LEADS_NOWHERE);
      if (entry?.kind === 'file') return damageOf(at, this.#repository, NO_FOLDER);
      if (entry?.kind === 'folder') return undefined;
      // What was taken away leaves its folder. The one above may have many of them: it is not listed for each.
      if (entries.length === 0 && (await this.#driver.stat(folder))?.kind === 'folder') return undefined;
      at = folder;
    }
    return undefined;
  }
}

/** One by one: there may be a million. */
function* inOrder(entries: readonly StorageEntry[], folder: string, repository: string): Iterable<Listed> {
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const isLeft = entry.kind !== 'folder' && isTemporary(entry.name);
    if (!isLeft) yield asListed(entry, folder, repository);
  }
}

function asListed({ name, kind }: StorageEntry, folder: string, repository: string): Listed {
  const path = `${folder}/${name}`;
  if (!isAddressable(name)) return { damage: damageOf(path, repository, 'is a name that is never written') };
  if (kind === 'folder') return { name };
  return { damage: damageOf(path, repository, kind === 'file' ? NO_FOLDER : LEADS_NOWHERE) };
}

import type { FileListing, ListedFile } from '../../../application/ports/storage/file-listing.js';
import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import type { Found, StoredRepository, StoredTag } from '../../../application/ports/storage/stored-tree.js';
import { mapInOrder } from '../../../application/services/map-in-order.js';
import type { Digest } from '../../../domain/content/digest.js';
import { plainlyHolds, endOf, filesOf } from './listed-files.js';
import { LinkReader, type BlobSize, type Damaged } from './link-reader.js';
import { listedLinks, type ListedLink } from './listed-links.js';
import { listedTags, type ListedTag } from './listed-tags.js';
import { storedPath } from './paths.js';

/** Small files that are read at once. */
const IN_FLIGHT = 32;
/** A repository of which one look tells more is looked at part by part. */
const SMALL = 1_000;

/**
 * A repository of the tree on a storage that lists files: a link is read only where the listing does not tell already
 * what it holds. One look is enough for a small repository.
 */
export class ListedRepository implements StoredRepository {
  readonly #listing: FileListing;
  readonly #root: string;
  readonly #reader: LinkReader;
  /** All its links, when they are few. */
  #all: Promise<readonly ListedFile[] | undefined> | undefined;
  /** Manifests beside which something is noted; undefined before they are listed. */
  #declared: Set<string> | undefined;

  constructor(driver: StorageDriver, listing: FileListing, repository: string, blobSize: BlobSize) {
    this.#listing = listing;
    this.#root = storedPath(repository);
    this.#reader = new LinkReader(driver, repository, blobSize);
  }

  async *tags(signal: AbortSignal): AsyncIterable<Found<StoredTag>> {
    const folder = `${this.#root}/_manifests/tags`;
    const tags = listedTags(this.#files(folder, signal), folder, this.#reader);
    const read = (tag: ListedTag | Damaged): Promise<Found<StoredTag> | undefined> => this.#readTag(tag);
    for await (const found of mapInOrder(tags, IN_FLIGHT, read, signal)) {
      if (found !== undefined) yield found;
    }
  }

  async *revisions(signal: AbortSignal): AsyncIterable<Found<Digest>> {
    const declared = new Set<string>();
    yield* this.#links(`${this.#root}/_manifests/revisions`, declared, signal);
    this.#declared = declared;
  }

  layers(signal: AbortSignal): AsyncIterable<Found<Digest>> {
    return this.#links(`${this.#root}/_layers`, new Set(), signal);
  }

  async declaredMediaType(digest: Digest): Promise<string | undefined> {
    if (this.#declared?.has(digest.toString()) === false) return undefined;
    return this.#reader.declaredMediaType(digest);
  }

  async *#links(folder: string, declared: Set<string>, signal: AbortSignal): AsyncGenerator<Found<Digest>> {
    const links = listedLinks(this.#files(folder, signal), folder, this.#reader, declared);
    const read = (link: ListedLink | Damaged): Promise<Found<Digest> | undefined> => this.#readLink(link);
    for await (const found of mapInOrder(links, IN_FLIGHT, read, signal)) {
      if (found !== undefined) yield found;
    }
  }

  /** Undefined when it was taken away meanwhile. */
  async #readTag(tag: ListedTag | Damaged): Promise<Found<StoredTag> | undefined> {
    if ('kind' in tag) return tag;
    const { name, file, target } = tag;
    if (target !== undefined) return { kind: 'found', value: { name, digest: target } };
    const link = await this.#reader.content(file.path);
    return link !== undefined && 'content' in link ? this.#reader.tag(file.path, name, link.content) : link;
  }

  /** Undefined when it was taken away meanwhile. */
  async #readLink(found: ListedLink | Damaged): Promise<Found<Digest> | undefined> {
    if ('kind' in found) return found;
    const { file, digest } = found;
    if (plainlyHolds(file, digest.toString())) return { kind: 'found', value: digest };
    const link = await this.#reader.content(file.path);
    return link !== undefined && 'content' in link
      ? this.#reader.link(file.path, digest, link.content)
      : link;
  }

  async *#files(folder: string, signal: AbortSignal): AsyncGenerator<ListedFile> {
    this.#all ??= this.#listAll();
    const all = await this.#all;
    signal.throwIfAborted();
    if (all === undefined) yield* filesOf(this.#listing, `${folder}/`, signal);
    else yield* all.filter(({ path }) => path.startsWith(`${folder}/`));
  }

  /** Blobs and manifests, but not what comes behind them: uploads. Undefined when they are too many. */
  async #listAll(): Promise<readonly ListedFile[] | undefined> {
    const end = endOf(`${this.#root}/_manifests`);
    const files: ListedFile[] = [];
    for await (const page of this.#listing.pages(`${this.#root}/_`)) {
      files.push(...page);
      if ((page.at(-1)?.path ?? '') >= end) break;
      if (files.length >= SMALL) return undefined;
    }
    return files;
  }
}

import type { LinkValue } from '../../../application/ports/metadata/name-journal.js';
import type { LinkStore, WrittenLink } from '../../../application/ports/storage/link-store.js';
import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import { Digest, DigestInvalid } from '../../../domain/content/digest.js';
import { detectMediaType } from '../../../domain/manifest/detect-media-type.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import { blobPath, declarationPath, historyPath, linkPath, tagPath } from './paths.js';

/** Longer than any digest: what has more bytes is no link. */
const LONGEST_LINK = 1024;

/** Names in the reference registry's tree, on any driver, byte for byte as it writes them. */
export class LayoutLinkStore implements LinkStore {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async read(name: LinkedName): Promise<Digest | 'damaged' | undefined> {
    try {
      const content = await this.#driver.readContent(linkPath(name), LONGEST_LINK);
      return content && parseLink(content);
    } catch (error) {
      // A folder where the file should be, or one that may not be read: writing it anew heals it, or tells what is wrong.
      if (error instanceof StorageFault && error.concernsPath) return 'damaged';
      throw error;
    }
  }

  /** Bytes first: whoever finds the link finds them. */
  async write({ name, value, bytes, durably = false }: WrittenLink): Promise<void> {
    if (bytes !== undefined && name.kind === 'layer') {
      const path = blobPath(name.digest);
      await (durably ? this.#driver.putDurably(path, bytes) : this.#driver.putContent(path, bytes));
    }
    if (value === undefined) await this.#remove(name);
    else if (name.kind === 'tag') await this.#point(name, value.target);
    else if (name.kind === 'revision') await this.#writeRevision(name, value);
    else await this.#link(linkPath(name), value.target);
  }

  async flush(links: readonly WrittenLink[]): Promise<void> {
    await this.#driver.flushContent([...new Set(links.flatMap(pathsOf))]);
  }

  /** The history first: a tag never points at what it does not remember. */
  async #point(name: TagLink, target: Digest): Promise<void> {
    await this.#link(historyPath(name.repository, name.tag, target), target);
    await this.#link(linkPath(name), target);
  }

  async #writeRevision(name: RevisionLink, { target, manifest }: LinkValue): Promise<void> {
    if (manifest === undefined) throw new Error(`the manifest ${target.toString()} has no bytes`);
    const { bytes, mediaType } = manifest;
    await this.#driver.putContent(blobPath(name.digest), bytes);
    if (detectMediaType(bytes) !== mediaType) {
      const declaration = Buffer.from(JSON.stringify({ mediaType }));
      await this.#driver.putContent(declarationPath(name.repository, name.digest), declaration);
    }
    await this.#link(linkPath(name), target);
  }

  async #link(path: string, target: Digest): Promise<void> {
    await this.#driver.putContent(path, Buffer.from(target.toString()));
  }

  /** Nothing stays. The reference leaves the folders of layers and revisions, which cost each walk of the tree. */
  async #remove(name: LinkedName): Promise<void> {
    if (name.kind === 'tag') {
      await this.#driver.remove(tagPath(name.repository, name.tag));
      return;
    }
    await this.#driver.removeWithFolder(linkPath(name));
    if (name.kind !== 'revision') return;
    await this.#driver.removeWithFolder(declarationPath(name.repository, name.digest));
  }
}

type TagLink = Extract<LinkedName, { kind: 'tag' }>;
type RevisionLink = Exclude<LinkedName, { kind: 'tag' }>;

/** Everything that writing the link may have touched. */
function pathsOf({ name, value, bytes }: WrittenLink): readonly string[] {
  if (name.kind === 'tag') {
    if (value === undefined) return [tagPath(name.repository, name.tag)];
    return [historyPath(name.repository, name.tag, value.target), linkPath(name)];
  }
  if (name.kind === 'layer') {
    return bytes === undefined ? [linkPath(name)] : [blobPath(name.digest), linkPath(name)];
  }
  const body = value === undefined ? [] : [blobPath(name.digest)];
  return [...body, declarationPath(name.repository, name.digest), linkPath(name)];
}

function parseLink(content: Uint8Array): Digest | 'damaged' {
  try {
    return Digest.parse(Buffer.from(content).toString('latin1'));
  } catch (error) {
    if (error instanceof DigestInvalid) return 'damaged';
    throw error;
  }
}

import type { LinkValue } from '../../../application/ports/metadata/name-journal.js';
import type { LinkStore, WrittenLink } from '../../../application/ports/storage/link-store.js';
import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import type { SmallFile, StorageDriver } from '../../../application/ports/storage/storage-driver.js';
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

  async write(links: readonly WrittenLink[]): Promise<void> {
    const files: SmallFile[] = [];
    for (const { name, value, bytes, durably = false } of links) {
      if (name.kind === 'layer' && bytes !== undefined) {
        const path = blobPath(name.digest);
        if (durably) await this.#driver.putDurably(path, bytes);
        else files.push({ path, content: bytes });
      }
      if (value !== undefined) files.push(...filesOf(name, value));
    }
    if (files.length > 0) await this.#driver.putContents(files);
    for (const { name, value } of links) if (value === undefined) await this.#remove(name);
  }

  async flush(links: readonly WrittenLink[]): Promise<void> {
    await this.#driver.flushContent([...new Set(links.flatMap(pathsOf))]);
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

/** What tells of a name, the link last: whoever finds it finds what it stands for. */
function filesOf(name: LinkedName, { target, manifest }: LinkValue): readonly SmallFile[] {
  const link = { path: linkPath(name), content: Buffer.from(target.toString()) };
  if (name.kind === 'layer') return [link];
  // A tag never points at what it does not remember.
  if (name.kind === 'tag') return [{ ...link, path: historyPath(name.repository, name.tag, target) }, link];
  if (manifest === undefined) throw new Error(`the manifest ${target.toString()} has no bytes`);
  const { bytes, mediaType } = manifest;
  const body = { path: blobPath(name.digest), content: bytes };
  if (detectMediaType(bytes) === mediaType) return [body, link];
  const declaration = Buffer.from(JSON.stringify({ mediaType }));
  return [body, { path: declarationPath(name.repository, name.digest), content: declaration }, link];
}

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

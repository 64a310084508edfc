import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import type { Found } from '../../../application/ports/storage/stored-tree.js';
import type {
  BlobEntry,
  Leftover,
  NameEntry,
  TreeFile,
  TreeInventory,
  UploadFolder,
} from '../../../application/ports/storage/tree-inventory.js';
import type { Digest } from '../../../domain/content/digest.js';
import { BlobWalk, isLeftover } from './blob-walk.js';
import { LinkNames } from './link-names.js';
import { listedBlobs } from './listed-blobs.js';
import { ListedNames } from './listed-names.js';
import { NameWalk } from './name-walk.js';
import { blobPath } from './paths.js';
import { UploadWalk } from './upload-walk.js';

/** All that lies in the reference registry's tree, on any driver. */
export class LayoutTreeInventory implements TreeInventory {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  blobs(after: Digest | undefined, signal: AbortSignal): AsyncIterable<BlobEntry> {
    const { listing } = this.#driver;
    return listing === undefined
      ? new BlobWalk(this.#driver).entries(after, signal)
      : listedBlobs(listing, after, signal);
  }

  async blobFile(digest: Digest): Promise<TreeFile | undefined> {
    const stat = await this.#driver.stat(blobPath(digest));
    return stat?.kind === 'file' ? { size: stat.size, changedAt: stat.changedAt } : undefined;
  }

  async removeLeftover({ path }: Leftover): Promise<void> {
    if (!isLeftover(path)) throw new TypeError(`not a half-written file of a blob: ${path}`);
    await this.#driver.remove(path);
  }

  names(signal: AbortSignal): AsyncIterable<NameEntry> {
    const { listing } = this.#driver;
    const links = new LinkNames(this.#driver);
    return listing === undefined
      ? new NameWalk(this.#driver, links).entries(signal)
      : new ListedNames(listing, links).entries(signal);
  }

  uploads(signal: AbortSignal): AsyncIterable<Found<UploadFolder>> {
    return new UploadWalk(this.#driver).entries(signal);
  }
}

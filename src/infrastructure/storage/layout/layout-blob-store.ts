import type { BlobStore } from '../../../application/ports/storage/blob-store.js';
import type {
  LocalFile,
  StorageDriver,
  StorageReader,
} from '../../../application/ports/storage/storage-driver.js';
import type { StagedFile } from '../../../application/ports/storage/upload-store.js';
import type { Digest } from '../../../domain/content/digest.js';
import { blobPath, stagedPath } from './paths.js';

/** How long (s) a client may take until it asks at an address that it was given, as the reference registry has it. */
const LINK_SECONDS = 20 * 60;

/** Blobs in the reference registry's tree, on any driver. */
export class LayoutBlobStore implements BlobStore {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async size(digest: Digest): Promise<number | undefined> {
    const stat = await this.#driver.stat(blobPath(digest));
    return stat?.kind === 'file' ? stat.size : undefined;
  }

  open(digest: Digest, from = 0): Promise<StorageReader | undefined> {
    return this.#driver.openReader(blobPath(digest), from);
  }

  linkTo(digest: Digest): Promise<string | undefined> {
    return this.#driver.linkTo(blobPath(digest), LINK_SECONDS);
  }

  fileOf(digest: Digest): LocalFile | undefined {
    const { root } = this.#driver;
    return root === undefined ? undefined : { root, path: blobPath(digest) };
  }

  place(staged: StagedFile, digest: Digest): Promise<boolean> {
    return this.#driver.move(stagedPath(staged), blobPath(digest));
  }

  async put(digest: Digest, content: Uint8Array): Promise<void> {
    await this.#driver.putDurably(blobPath(digest), content);
  }

  async verify(digest: Digest, size: number, signal: AbortSignal): Promise<boolean> {
    const path = blobPath(digest);
    if ((await this.size(digest)) !== size) return false;
    const found = await this.#driver.hash(path, digest.algorithm, size, signal);
    if (found === undefined || !found.equals(digest)) return false;
    await this.#driver.makeDurable(path);
    return true;
  }
}

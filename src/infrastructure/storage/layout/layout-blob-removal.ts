import { randomBytes } from 'node:crypto';
import type {
  BlobRemoval,
  ClaimToken,
  RemovalOutcome,
} from '../../../application/ports/storage/blob-removal.js';
import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import type { Digest } from '../../../domain/content/digest.js';
import { blobPath, blobsPath, fencePath, fencesPath, takenPath } from './paths.js';

/** What names the fence of a claim; anything else in that folder is not ours. */
const TOKEN = /^[0-9a-f]{32}$/;

/** Takes blobs out of the reference registry's tree, on any driver. */
export class LayoutBlobRemoval implements BlobRemoval {
  readonly #driver: StorageDriver;
  #isProven = false;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async prove(): Promise<void> {
    if (this.#isProven) return;
    const token = randomBytes(16);
    await this.openFence(token);
    await this.breakFence(token);
    this.#isProven = true;
  }

  async openFence(token: ClaimToken): Promise<void> {
    await this.#driver.openFence(fencePath(token), blobsPath);
  }

  remove(digest: Digest, token: ClaimToken): Promise<RemovalOutcome> {
    return this.#driver.removeThroughFence(blobPath(digest), takenPath(digest, token));
  }

  async breakFence(token: ClaimToken): Promise<void> {
    await this.#driver.breakFence(fencePath(token));
  }

  async openedBefore(moment: number): Promise<readonly ClaimToken[]> {
    const names = await this.#driver.fencesOpenedBefore(fencesPath, moment);
    return names.filter((name) => TOKEN.test(name)).map((name) => Buffer.from(name, 'hex'));
  }
}

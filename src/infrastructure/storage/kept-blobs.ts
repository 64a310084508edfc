import type { RecentBlobs } from '../../application/ports/storage/recent-blobs.js';
import type { Digest } from '../../domain/content/digest.js';
import { ByteBoundedCache, type CacheCounts } from '../system/byte-bounded-cache.js';

const BUDGET = 8 * 1024 * 1024;

/** Keeps them in memory. */
export class KeptBlobs implements RecentBlobs {
  readonly #kept = new ByteBoundedCache<Uint8Array>(BUDGET, (bytes) => bytes.length);

  get counts(): CacheCounts {
    return this.#kept.counts;
  }

  find(digest: Digest): Uint8Array | undefined {
    return this.#kept.find(digest.toString());
  }

  keep(digest: Digest, bytes: Uint8Array): void {
    this.#kept.keep(digest.toString(), bytes);
  }
}

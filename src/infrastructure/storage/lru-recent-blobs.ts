import { LRUCache } from 'lru-cache';
import type { RecentBlobs } from '../../application/ports/storage/recent-blobs.js';
import type { Digest } from '../../domain/content/digest.js';

const BUDGET = 8 * 1024 * 1024;
/** What an entry costs beside its bytes, roughly. */
const OVERHEAD = 512;

/** Keeps the blobs that were asked for last, within a budget of bytes. */
export class LruRecentBlobs implements RecentBlobs {
  readonly #kept: LRUCache<string, Uint8Array>;
  #asked = 0;
  #found = 0;

  /** @param budget bytes to keep */
  constructor(budget = BUDGET) {
    this.#kept = new LRUCache({ maxSize: budget, sizeCalculation: (bytes) => bytes.length + OVERHEAD });
  }

  /** How often a blob was asked for, and how often it was kept. Bytes that are kept. */
  get counts(): { readonly asked: number; readonly found: number; readonly bytes: number } {
    return { asked: this.#asked, found: this.#found, bytes: this.#kept.calculatedSize };
  }

  find(digest: Digest): Uint8Array | undefined {
    const kept = this.#kept.get(digest.toString());
    this.#asked += 1;
    if (kept !== undefined) this.#found += 1;
    return kept;
  }

  keep(digest: Digest, bytes: Uint8Array): void {
    this.#kept.set(digest.toString(), bytes);
  }
}

import type { Hashing, RunningHash } from '../../application/ports/system/hashing.js';
import type { DigestAlgorithm } from '../../domain/content/digest.js';
import { HashingThread } from './hashing-thread.js';
import { ThreadedHash } from './threaded-hash.js';

/** Hashes what is short at once, and what is long in a thread: hashing is half the work of receiving a blob. */
export class ThreadedHashing implements Hashing {
  readonly #thread = new HashingThread();

  begin(algorithm: DigestAlgorithm): RunningHash {
    return new ThreadedHash(algorithm, this.#thread);
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}

import type { Blob } from '../../domain/content/blob.js';
import { Unavailable } from '../../domain/errors.js';
import { UploadUnknown } from '../../domain/upload/upload-errors.js';
import type { BlobIndex, BlobPush } from '../ports/metadata/blob-index.js';
import type { DurabilityBarrier } from '../ports/metadata/durability-barrier.js';
import type { BlobStore } from '../ports/storage/blob-store.js';
import type { StagedFile } from '../ports/storage/upload-store.js';
import type { Clock } from '../ports/system/clock.js';
import { whileCondemned } from './while-condemned.js';

/** Makes verified, flushed bytes a blob of a repository: reserve, place, commit, barrier. */
export class BlobCommit {
  readonly #index: BlobIndex;
  readonly #store: BlobStore;
  readonly #barrier: DurabilityBarrier;
  readonly #clock: Clock;

  constructor(index: BlobIndex, store: BlobStore, barrier: DurabilityBarrier, clock: Clock) {
    this.#index = index;
    this.#store = store;
    this.#barrier = barrier;
    this.#clock = clock;
  }

  /**
   * When it resolves the blob survives a power loss.
   * @throws Unavailable when the reservation ran out, UploadUnknown when the bytes are gone; the client pushes again
   */
  async commit(staged: StagedFile, blob: Blob): Promise<void> {
    const push: BlobPush = {
      repository: staged.repository,
      blob,
      upload: staged.id,
      now: this.#clock.now(),
    };
    const reservation = await whileCondemned(this.#clock, () => this.#index.reserve(push));
    if (reservation.kind === 'reserved') {
      await this.#place(staged, blob);
      const committed = await this.#index.commit(push, reservation.contentId);
      if (!committed) throw new Unavailable('the push took too long to be kept; push the blob again');
    } else {
      await this.#heal(staged, blob);
    }
    await this.#barrier.wait();
  }

  async #place(staged: StagedFile, blob: Blob): Promise<void> {
    const placed = await this.#store.place(staged, blob.digest);
    if (placed) return;
    // The staged file is gone: an attempt that was killed between its move and its commit has placed it.
    const there = await this.#store.verify(blob.digest, blob.size, new AbortController().signal);
    if (!there) throw new UploadUnknown(staged.id.toString());
  }

  /** What the rows call present was verified once; a file that has since been lost or cut is put back by this push. */
  async #heal(staged: StagedFile, blob: Blob): Promise<void> {
    const size = await this.#store.size(blob.digest);
    if (size !== blob.size) await this.#store.place(staged, blob.digest);
  }
}

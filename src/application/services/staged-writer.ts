import type { StorageWriter } from '../ports/storage/storage-driver.js';
import type { ChunkMemory } from '../ports/system/chunk-memory.js';
import type { RunningHash } from '../ports/system/hashing.js';
import type { BatchBudget } from './batch-budget.js';

const FIRST_BATCH = 64 * 1024;
/** A slow client's chunks are far smaller than what it costs to keep them: so many are written, whatever they hold. */
const MOST_CHUNKS = 64;
/** A long upload is flushed while it arrives, so that its last request waits for little. */
const FLUSH_EVERY = 32 * 1024 * 1024;

/** Hashes and writes a stream of chunks: one batch is being written while the next one gathers. */
export class StagedWriter {
  readonly #file: StorageWriter;
  readonly #hash: RunningHash | undefined;
  readonly #batches: BatchBudget;
  readonly #memory: ChunkMemory | undefined;
  #batch: Uint8Array[] = [];
  #batchSize = 0;
  #writing: Promise<void> = Promise.resolve();
  #flushing: Promise<void> = Promise.resolve();
  #unflushed = 0;
  #written = 0;

  /** @param memory to which chunks are released once they are written; undefined when they are not the writer's alone */
  constructor(
    file: StorageWriter,
    hash: RunningHash | undefined,
    batches: BatchBudget,
    memory?: ChunkMemory,
  ) {
    this.#file = file;
    this.#hash = hash;
    this.#batches = batches;
    this.#memory = memory;
  }

  /** Bytes taken so far. */
  get written(): number {
    return this.#written;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#batch.push(chunk);
    this.#batchSize += chunk.length;
    this.#written += chunk.length;
    if (this.#batchSize >= this.#enough || this.#batch.length >= MOST_CHUNKS) await this.#writeBatch();
  }

  /** Bytes worth a write: few at first, so that a full disk shows early, then half of what has come so far. */
  get #enough(): number {
    return Math.min(this.#batches.size, Math.max(FIRST_BATCH, this.#written / 2));
  }

  /** When it resolves, every byte survives a power loss. */
  async finish(): Promise<void> {
    if (this.#batchSize > 0) await this.#writeBatch();
    await this.#writing;
    await this.#flushing;
    await this.#file.flush();
  }

  async #writeBatch(): Promise<void> {
    await this.#writing;
    const [batch, size] = [this.#batch, this.#batchSize];
    this.#batch = [];
    this.#batchSize = 0;
    this.#writing = this.#writeAndHash(batch);
    // Awaited by the next batch or by finish; until then a rejection must not count as unhandled.
    this.#writing.catch(() => undefined);
    this.#unflushed += size;
    if (this.#unflushed >= FLUSH_EVERY) await this.#flushInBackground();
  }

  async #writeAndHash(batch: readonly Uint8Array[]): Promise<void> {
    await Promise.all([this.#file.write(batch), this.#hash?.update(batch)]);
    if (this.#hash?.holdsChunks !== true) this.#memory?.release(batch);
  }

  async #flushInBackground(): Promise<void> {
    await this.#flushing;
    this.#unflushed = 0;
    this.#flushing = this.#file.flush();
    // Awaited by the next flush or by finish, as above.
    this.#flushing.catch(() => undefined);
  }
}

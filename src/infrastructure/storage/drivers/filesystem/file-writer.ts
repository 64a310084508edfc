import type { StorageWriter } from '../../../../application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../../application/ports/storage/storage-fault.js';
import type { FileSystem } from './file-system.js';
import { withStorageFaults } from './system-errors.js';

/** Writes at positions of its own, never by O_APPEND: what another writer adds can not shift its bytes. */
export class FileWriter implements StorageWriter {
  readonly #fs: FileSystem;
  readonly #descriptor: number;
  readonly #path: string;
  #position: number;
  #last: Promise<void> = Promise.resolve();
  readonly #flushes = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;
  #closing: Promise<void> | undefined;

  /** Owns the descriptor from now on. */
  constructor(fs: FileSystem, descriptor: number, path: string, position: number) {
    this.#fs = fs;
    this.#descriptor = descriptor;
    this.#path = path;
    this.#position = position;
  }

  write(chunks: readonly Uint8Array[]): Promise<void> {
    const before = this.#last;
    const write = this.#run('write', async () => {
      await before;
      await this.#writeAll(chunks.filter((chunk) => chunk.length > 0));
    });
    this.#last = settled(write);
    return write;
  }

  async flush(): Promise<void> {
    const flush = this.#run('flush', () => this.#fs.fdatasync(this.#descriptor));
    const end = settled(flush);
    this.#flushes.add(end);
    try {
      await flush;
    } finally {
      this.#flushes.delete(end);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAfterUse();
    return this.#closing;
  }

  async #closeAfterUse(): Promise<void> {
    await Promise.all([this.#last, ...this.#flushes]);
    await withStorageFaults(`close ${this.#path}`, () => this.#fs.close(this.#descriptor, this.#position));
  }

  /** The first failure is final: the system tells of lost bytes only once. */
  async #run(what: 'write' | 'flush', call: () => Promise<void>): Promise<void> {
    if (this.#closing !== undefined) throw new Error(`cannot ${what} ${this.#path}: it is closed`);
    this.#rethrow();
    try {
      await withStorageFaults(`${what} ${this.#path}`, call);
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #writeAll(chunks: readonly Uint8Array[]): Promise<void> {
    let rest = chunks;
    while (rest.length > 0) {
      this.#rethrow();
      const taken = await this.#fs.writev(this.#descriptor, rest, this.#position);
      if (taken === 0) throw new StorageFault('broken', `cannot write ${this.#path}: no byte was taken`);
      this.#position += taken;
      rest = after(rest, taken);
    }
  }
}

/** What is left of the chunks after their first `taken` bytes. */
function after(chunks: readonly Uint8Array[], taken: number): readonly Uint8Array[] {
  let skip = taken;
  for (const [index, chunk] of chunks.entries()) {
    if (skip < chunk.length) return [chunk.subarray(skip), ...chunks.slice(index + 1)];
    skip -= chunk.length;
  }
  return [];
}

/** Whether it went well is told to who called; here only its end counts. */
async function settled(call: Promise<void>): Promise<void> {
  await Promise.allSettled([call]);
}

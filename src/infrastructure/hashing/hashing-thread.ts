import { Worker } from 'node:worker_threads';
import type { HashingReply, HashingRequest } from './running-hash-worker.js';

/** Bytes of a slab, and how many there are: what may be on its way to the thread, however many uploads there are. */
const SLAB = 1024 * 1024;
const SLABS = 4;

/** Memory to fill for the thread. */
export interface Slab {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Whoever has a hash in the thread. */
export interface HashOwner {
  finished(value: Uint8Array): void;
  /** The thread has ended, and the hash with it. */
  lost(): void;
}

/**
 * The thread in which long hashes run, started by the first of them and kept. The bytes go over in shared memory that is
 * used again and again: buffers that are handed over would lie there until its garbage is collected.
 */
export class HashingThread {
  readonly #owners = new Map<number, HashOwner>();
  readonly #waiting: ((slab: Slab | undefined) => void)[] = [];
  #slabs: readonly Slab[] = [];
  #free: Slab[] = [];
  #worker: Worker | undefined;
  #lastId = 0;

  adopt(owner: HashOwner): number {
    this.#lastId += 1;
    this.#owners.set(this.#lastId, owner);
    return this.#lastId;
  }

  release(id: number): void {
    this.#owners.delete(id);
  }

  /** A slab to fill, once one is free; undefined when the thread has ended meanwhile. */
  async slab(): Promise<Slab | undefined> {
    this.#worker ??= this.#start();
    const free = this.#free.pop();
    if (free !== undefined) return free;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  send(request: HashingRequest): void {
    this.#worker?.postMessage(request, []);
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const memory = Array.from({ length: SLABS }, () => new SharedArrayBuffer(SLAB));
    this.#slabs = memory.map((shared, index) => ({ index, bytes: new Uint8Array(shared) }));
    this.#free = [...this.#slabs];
    const worker = new Worker(new URL('./running-hash-worker.js', import.meta.url), {
      workerData: memory,
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    });
    worker.on('message', (reply: HashingReply) => {
      if (reply.kind === 'free') this.giveBack(reply.slab);
      else this.#owners.get(reply.id)?.finished(reply.value);
    });
    // What went wrong shows in the exit that follows: each hash is then made anew from the file.
    worker.once('error', () => undefined);
    worker.once('exit', () => this.#lose());
    worker.unref();
    return worker;
  }

  /** A slab that nothing was sent in, or that the thread has read. */
  giveBack(index: number): void {
    const slab = this.#slabs[index];
    if (slab === undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slab);
    else next(slab);
  }

  #lose(): void {
    this.#worker = undefined;
    const owners = [...this.#owners.values()];
    this.#owners.clear();
    for (const owner of owners) owner.lost();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
}

import { createHash, type Hash } from 'node:crypto';
import type { RunningHash } from '../../application/ports/system/hashing.js';
import { Digest, type DigestAlgorithm } from '../../domain/content/digest.js';
import type { HashingThread, HashOwner, Slab } from './hashing-thread.js';

/** Up to this many bytes are kept and hashed at the end: a trip to the thread would cost more. */
const SHORT = 256 * 1024;
/** More chunks than these are hashed at once: those of a slow client are far smaller than what it costs to keep them. */
const MOST_KEPT = 64;
/** A hash that moves into the thread with its first bytes once it is longer than is worth keeping. */
export class ThreadedHash implements RunningHash, HashOwner {
  readonly #algorithm: DigestAlgorithm;
  readonly #thread: HashingThread;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /** Here and at once, for what comes in small pieces. */
  #inline: Hash | undefined;
  /** Its id in the thread, once it is there. */
  #id: number | undefined;
  #lost = false;
  /** Given up, perhaps while an update still waits for a slab: what it has would make a hash that nobody ends. */
  #dropped = false;
  #settle: (value: Uint8Array | undefined) => void = () => undefined;

  constructor(algorithm: DigestAlgorithm, thread: HashingThread) {
    this.#algorithm = algorithm;
    this.#thread = thread;
  }

  get holdsChunks(): boolean {
    return this.#kept.length > 0;
  }

  async update(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#lost) return;
    if (this.#id !== undefined) {
      await this.#feed(this.#id, chunks);
      return;
    }
    for (const chunk of chunks) {
      this.#kept.push(chunk);
      this.#keptBytes += chunk.length;
    }
    if (this.#inline !== undefined || this.#kept.length > MOST_KEPT) this.rest();
    if (this.#keptBytes > SHORT) await this.#move();
  }

  rest(): void {
    if (this.#id !== undefined) return;
    const hash = (this.#inline ??= createHash(this.#algorithm));
    for (const chunk of this.#kept) hash.update(chunk);
    this.#kept = [];
    this.#keptBytes = 0;
  }

  async digest(): Promise<Digest | undefined> {
    this.rest();
    if (this.#inline !== undefined) return Digest.fromHash(this.#algorithm, this.#inline);
    const id = this.#id;
    if (id === undefined) return undefined;
    const value = await new Promise<Uint8Array | undefined>((resolve) => {
      this.#settle = resolve;
      if (this.#lost) resolve(undefined);
      else this.#thread.send({ kind: 'digest', id });
    });
    this.#thread.release(id);
    return value === undefined ? undefined : Digest.fromBytes(this.#algorithm, Buffer.from(value));
  }

  drop(): void {
    this.#dropped = true;
    if (this.#id === undefined || this.#lost) return;
    this.#thread.release(this.#id);
    this.#thread.send({ kind: 'drop', id: this.#id });
  }

  finished(value: Uint8Array): void {
    this.#settle(value);
  }

  lost(): void {
    this.#lost = true;
    this.#settle(undefined);
  }

  async #move(): Promise<void> {
    const kept = this.#kept;
    this.#kept = [];
    this.#id = this.#thread.adopt(this);
    await this.#feed(this.#id, kept);
  }

  /** Copies the chunks into slabs, one after another, each as full as it gets. */
  async #feed(id: number, chunks: readonly Uint8Array[]): Promise<void> {
    const algorithm = this.#algorithm;
    let slab: Slab | undefined;
    let length = 0;
    for (const chunk of chunks) {
      for (let done = 0; done < chunk.length;) {
        slab ??= await this.#thread.slab();
        if (slab === undefined || this.#lost) return;
        if (this.#dropped) {
          this.#thread.giveBack(slab.index);
          return;
        }
        const part = chunk.subarray(done, done + slab.bytes.length - length);
        slab.bytes.set(part, length);
        length += part.length;
        done += part.length;
        if (length < slab.bytes.length) continue;
        this.#thread.send({ kind: 'update', id, algorithm, slab: slab.index, length });
        slab = undefined;
        length = 0;
      }
    }
    if (slab !== undefined) this.#thread.send({ kind: 'update', id, algorithm, slab: slab.index, length });
  }
}

import type { ServerResponse } from 'node:http';
import type { StorageReader } from '../../../application/ports/storage/storage-driver.js';
import type { ByteRange } from '../../../domain/content/byte-range.js';
import type { BufferBudget, BufferPair } from './buffer-budget.js';

/** What a stream begins with, and all that a slow client ever holds. */
const SMALL = 8 * 1024;
/** A client that takes longer (ms) for one large buffer gives its pair back to those that are faster. */
const SLOW = 1_000;

/**
 * Sends bytes of a file as fast as the client takes them, reading into a few buffers that are used again: four times
 * the throughput of a read stream, in a bounded memory.
 */
export class BodySender {
  readonly #budget: BufferBudget;
  readonly #slow: number;

  constructor(budget: BufferBudget, slow = SLOW) {
    this.#budget = budget;
    this.#slow = slow;
  }

  /**
   * Sends `range` and ends the response. No byte is read twice, and none behind the range: to an object store either
   * would be another request.
   * Resolves with the bytes sent; fewer than the range when the client left.
   * Rejects when the file can not be read: the caller then cuts the connection, since the head is out.
   */
  async send(res: ServerResponse, reader: StorageReader, range: ByteRange): Promise<number> {
    const transfer = new Transfer(res, reader, range);
    try {
      const small = Buffer.allocUnsafeSlow(Math.min(SMALL, range.end - range.start + 1));
      await transfer.write(await transfer.read(small));
      while (transfer.pending) {
        const pair = this.#budget.take();
        if (pair === undefined) await transfer.write(await transfer.read(small));
        else await this.#sendLarge(transfer, pair);
      }
      if (transfer.complete) res.end();
      return transfer.sent;
    } finally {
      transfer.finish();
      await reader.close();
    }
  }

  async #sendLarge(transfer: Transfer, pair: BufferPair): Promise<void> {
    try {
      await transfer.alternate(pair, this.#slow);
    } finally {
      this.#budget.giveBack(pair);
    }
  }
}

/** The state of one body on its way. */
class Transfer {
  readonly #res: ServerResponse;
  readonly #reader: StorageReader;
  readonly #end: number;
  readonly #start: number;
  readonly #onClose: () => void;
  #position: number;
  #left = false;
  #settle: () => void = () => undefined;

  constructor(res: ServerResponse, reader: StorageReader, range: ByteRange) {
    this.#res = res;
    this.#reader = reader;
    this.#start = range.start;
    this.#position = range.start;
    this.#end = range.end + 1;
    this.#onClose = (): void => {
      this.#left = true;
      this.#settle();
    };
    res.once('close', this.#onClose);
    if (res.destroyed) this.#onClose();
  }

  get sent(): number {
    return this.#position - this.#start;
  }

  get complete(): boolean {
    return this.#position >= this.#end;
  }

  get pending(): boolean {
    return !this.complete && !this.#left;
  }

  finish(): void {
    this.#res.off('close', this.#onClose);
  }

  /** Sends buffer after buffer, reading one while the other is being sent, until the end or a slow write. */
  async alternate([first, second]: BufferPair, slow: number): Promise<void> {
    let writing = Promise.resolve();
    let buffers = [first, second] as const;
    try {
      let next = this.#position;
      while (next < this.#end && !this.#left) {
        const piece = await this.read(buffers[0], next);
        const before = performance.now();
        await writing;
        const isSlow = performance.now() - before > slow;
        next += piece.length;
        writing = this.write(piece);
        if (isSlow) return;
        buffers = [buffers[1], buffers[0]];
      }
    } finally {
      await writing;
    }
  }

  /** Fills the buffer, as far as the range goes. */
  async read(buffer: Buffer, position = this.#position): Promise<Buffer> {
    const want = Math.min(buffer.length, this.#end - position);
    const got = await this.#reader.read(want === buffer.length ? buffer : buffer.subarray(0, want), position);
    if (got < want) throw new Error(`the file ended at byte ${position + got}, before its size`);
    return buffer.subarray(0, got);
  }

  /**
   * Resolves when the kernel has the bytes, or the client is gone; then `pending` is false. One promise settled from two
   * sides: racing with one that lives as long as the response would pile up memory with every piece.
   */
  write(piece: Buffer): Promise<void> {
    if (this.#left) return Promise.resolve();
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#res.write(piece, (error) => {
        // It is told here before the response closes.
        if (error) this.#left = true;
        if (!this.#left) this.#position += piece.length;
        resolve();
      });
    });
  }
}

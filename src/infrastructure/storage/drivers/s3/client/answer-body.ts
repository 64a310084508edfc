import type { IncomingMessage } from 'node:http';
import { releaseChunks } from '../../../../system/received-chunks.js';
import { RECEIVE_BUFFER } from './receive-buffer.js';
import { ConnectionFailed } from './store-errors.js';

/** Buffers of who reads that are read ahead; more stays with the sender. Who takes small ones is slow, and holds little. */
const AHEAD = 4;

/** The body of an answer, read as it is asked for. */
export class AnswerBody {
  readonly #response: IncomingMessage;
  readonly #idleTimeout: number;
  readonly #announced: number | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes to hold. */
  #most = 0;
  /** Bytes of the first chunk that were read. */
  #taken = 0;
  #received = 0;
  /** Chunks all of whose bytes were taken; they go together. */
  #emptied: Buffer[] = [];
  #hasEnded = false;
  #failure: ConnectionFailed | undefined;
  /** Takes chunks as they come, when nothing is held. */
  #filling: { readonly buffer: Uint8Array; bytes: number } | undefined;
  #wake: (() => void) | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** @param announced bytes that have to come; undefined: not told */
  constructor(response: IncomingMessage, announced: number | undefined, idleTimeout: number) {
    this.#response = response;
    this.#announced = announced;
    this.#idleTimeout = idleTimeout;
    response.on('data', (chunk: Buffer) => this.#receive(chunk));
    response.on('end', () => this.#end());
    response.on('error', (error) => this.#fail(new ConnectionFailed('cut', error.message, error)));
    response.on('close', () => {
      if (!this.#hasEnded) this.#fail(new ConnectionFailed('cut', 'the answer ended too early'));
    });
  }

  /** Fills the buffer; fewer bytes only at the end. Rejects with ConnectionFailed. */
  async read(buffer: Uint8Array): Promise<number> {
    this.#most = AHEAD * buffer.length;
    const filling = { buffer, bytes: this.#take(buffer) };
    this.#filling = filling;
    while (filling.bytes < buffer.length && this.#failure === undefined && !this.#hasEnded) {
      await this.#more();
    }
    this.#filling = undefined;
    releaseChunks(this.#emptied);
    this.#emptied = [];
    if (filling.bytes < buffer.length && this.#failure !== undefined) throw this.#failure;
    return filling.bytes;
  }

  /** Everything, at most so many bytes. */
  async whole(most: number): Promise<Buffer> {
    this.#most = most;
    const parts: Buffer[] = [];
    let bytes = 0;
    while (!this.#hasEnded || this.#heldBytes > 0) {
      parts.push(...this.#held);
      bytes += this.#heldBytes;
      this.#held = [];
      this.#heldBytes = 0;
      if (bytes > most) throw new ConnectionFailed('unclear', `the answer is longer than ${most} bytes`);
      if (this.#failure !== undefined) throw this.#failure;
      if (!this.#hasEnded) await this.#more();
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** Ends it; the connection is kept only if everything has come. */
  close(): void {
    this.#held = [];
    this.#heldBytes = 0;
    if (this.#hasEnded) return;
    if (this.#announced !== undefined && this.#received === this.#announced) this.#response.resume();
    else this.#response.destroy();
  }

  #receive(chunk: Buffer): void {
    if (chunk.buffer === RECEIVE_BUFFER.buffer) {
      // Other bytes would soon stand in their place, and be served for them.
      this.#fail(new ConnectionFailed('unclear', 'this version of Node.js does not copy what it receives'));
      this.#response.destroy();
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    this.#received += chunk.length;
    const filling = this.#filling;
    if (filling !== undefined) {
      filling.bytes += this.#take(filling.buffer.subarray(filling.bytes));
      if (filling.bytes < filling.buffer.length) {
        this.#idle?.refresh();
        return;
      }
    }
    if (this.#heldBytes >= this.#most) this.#response.pause();
    this.#wake?.();
  }

  #end(): void {
    this.#hasEnded = true;
    if (this.#announced !== undefined && this.#received !== this.#announced) {
      this.#hasEnded = false;
      this.#fail(
        new ConnectionFailed('cut', `${this.#received} bytes came where ${this.#announced} were announced`),
      );
    }
    this.#wake?.();
  }

  /** The first failure is the cause of all others. */
  #fail(failure: ConnectionFailed): void {
    this.#failure ??= failure;
    this.#wake?.();
  }

  #take(buffer: Uint8Array): number {
    let filled = 0;
    while (filled < buffer.length) {
      const chunk = this.#held[0];
      if (chunk === undefined) break;
      const part = chunk.subarray(this.#taken, this.#taken + buffer.length - filled);
      buffer.set(part, filled);
      filled += part.length;
      this.#taken += part.length;
      if (this.#taken === chunk.length) {
        this.#held.shift();
        this.#taken = 0;
        this.#emptied.push(chunk);
      }
    }
    this.#heldBytes -= filled;
    return filled;
  }

  async #more(): Promise<void> {
    if (this.#response.isPaused()) this.#response.resume();
    await new Promise<void>((resolve) => {
      this.#idle = setTimeout(() => this.#giveUp(), this.#idleTimeout);
      this.#wake = () => {
        this.#wake = undefined;
        clearTimeout(this.#idle);
        resolve();
      };
    });
  }

  #giveUp(): void {
    this.#fail(new ConnectionFailed('silent', `nothing came for ${this.#idleTimeout / 1000} s`));
    this.#response.destroy();
  }
}

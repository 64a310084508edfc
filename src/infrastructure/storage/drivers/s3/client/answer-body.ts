import type { IncomingMessage } from 'node:http';
import { receiverOf } from './body-agent.js';
import { HeldChunks } from './held-chunks.js';
import { RECEIVE_BUFFER } from './receive-buffer.js';
import type { DirectBody } from './receiver.js';
import { ConnectionFailed } from './store-errors.js';

/** Buffers of who reads that are read ahead; more stays with the sender. Who takes small ones is slow, and holds little. */
const AHEAD = 4;
/** Bytes still to come, from which on a body is worth its connection. */
const LARGE_BODY = 8 * 1024 ** 2;
/** Bytes of the buffers of who is fast. */
const LARGE_BUFFER = 64 * 1024;

/** A buffer that somebody waits for. */
interface Filling {
  readonly buffer: Uint8Array;
  bytes: number;
}

/**
 * The body of an answer, read as it is asked for. A large one that is read in large buffers is received in them, past
 * the parser, which would copy it: its connection is closed at the end.
 */
export class AnswerBody implements DirectBody {
  readonly #response: IncomingMessage;
  readonly #idleTimeout: number;
  readonly #announced: number | undefined;
  readonly #held = new HeldChunks();
  /** Bytes to hold. */
  #most = 0;
  #received = 0;
  #isDirect = false;
  #hasEnded = false;
  #failure: ConnectionFailed | undefined;
  /** Takes bytes as they come, when nothing is held. */
  #filling: Filling | undefined;
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
    response.on('close', () => this.#fail(new ConnectionFailed('cut', 'the answer ended too early')));
  }

  /** Fills the buffer; fewer bytes only at the end. Rejects with ConnectionFailed. */
  async read(buffer: Uint8Array): Promise<number> {
    this.#most = AHEAD * buffer.length;
    const filling = { buffer, bytes: this.#held.fill(buffer) };
    this.#filling = filling;
    while (filling.bytes < buffer.length && this.#failure === undefined && !this.#hasEnded) {
      await this.#more();
    }
    this.#filling = undefined;
    this.#held.release();
    if (filling.bytes < buffer.length && this.#failure !== undefined) throw this.#failure;
    return filling.bytes;
  }

  /** Everything, at most so many bytes. */
  async whole(most: number): Promise<Buffer> {
    this.#most = most;
    const parts: Buffer[] = [];
    let bytes = 0;
    while (!this.#hasEnded || this.#held.bytes > 0) {
      bytes += this.#held.bytes;
      parts.push(...this.#held.removeAll());
      if (bytes > most) throw new ConnectionFailed('unclear', `the answer is longer than ${most} bytes`);
      if (this.#failure !== undefined) throw this.#failure;
      if (!this.#hasEnded) await this.#more();
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** Ends it; the connection is kept only if everything has come. */
  close(): void {
    this.#held.removeAll();
    if (this.#hasEnded) return;
    if (this.#outstanding === 0) this.#response.resume();
    else this.#response.destroy();
  }

  placed(bytes: number): Uint8Array | undefined {
    this.#received += bytes;
    if (this.#filling !== undefined) this.#filling.bytes += bytes;
    return this.#nextPlace();
  }

  copied(bytes: Uint8Array): Uint8Array | undefined {
    const announced = bytes.subarray(0, this.#outstanding);
    this.#received += announced.length;
    const filling = this.#filling;
    const taken = announced.subarray(0, filling === undefined ? 0 : filling.buffer.length - filling.bytes);
    if (filling !== undefined) {
      filling.buffer.set(taken, filling.bytes);
      filling.bytes += taken.length;
    }
    if (taken.length < announced.length) this.#held.add(Buffer.from(announced.subarray(taken.length)));
    return this.#nextPlace();
  }

  /** Bytes that have yet to come. */
  get #outstanding(): number {
    return this.#announced === undefined ? Infinity : this.#announced - this.#received;
  }

  #receive(chunk: Buffer): void {
    if (this.#isDirect || chunk.buffer === RECEIVE_BUFFER.buffer) {
      // Other bytes would soon stand in their place, and be served for them.
      const wrong = this.#isDirect ? 'parses what it is not given' : 'does not copy what it receives';
      this.#fail(new ConnectionFailed('unclear', `this version of Node.js ${wrong}`));
      this.#response.destroy();
      return;
    }
    this.#held.add(chunk);
    this.#received += chunk.length;
    const filling = this.#filling;
    if (filling !== undefined) {
      filling.bytes += this.#held.fill(filling.buffer.subarray(filling.bytes));
      if (filling.bytes < filling.buffer.length) {
        this.#idle?.refresh();
        this.#receiveDirectly(filling);
        return;
      }
    }
    if (this.#held.bytes >= this.#most) this.#response.pause();
    this.#wake?.();
  }

  /** Everything that the parser has copied was taken, unless the response itself holds some back. */
  #receiveDirectly(filling: Filling): void {
    const isLarge = this.#announced !== undefined && this.#outstanding >= LARGE_BODY;
    if (!isLarge || filling.buffer.length < LARGE_BUFFER || this.#response.readableLength > 0) return;
    const receiver = receiverOf(this.#response.socket);
    if (receiver === undefined) return;
    this.#isDirect = true;
    receiver.takeOver(this, this.#roomOf(filling));
  }

  #nextPlace(): Uint8Array | undefined {
    if (this.#outstanding === 0) {
      this.#hasEnded = true;
      // The parser has not seen the end, and never will.
      this.#response.destroy();
    }
    const filling = this.#filling;
    if (this.#hasEnded || filling === undefined || filling.bytes === filling.buffer.length) {
      this.#wake?.();
      return undefined;
    }
    this.#idle?.refresh();
    return this.#roomOf(filling);
  }

  #roomOf({ buffer, bytes }: Filling): Uint8Array {
    return buffer.subarray(bytes, bytes + this.#outstanding);
  }

  #end(): void {
    if (this.#announced !== undefined && this.#received !== this.#announced) {
      this.#fail(
        new ConnectionFailed('cut', `${this.#received} bytes came where ${this.#announced} were announced`),
      );
      return;
    }
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** The first failure is the cause of all others; after the end there are none. */
  #fail(failure: ConnectionFailed): void {
    if (this.#hasEnded) return;
    this.#failure ??= failure;
    this.#wake?.();
  }

  async #more(): Promise<void> {
    if (this.#isDirect) this.#response.socket.resume();
    else if (this.#response.isPaused()) this.#response.resume();
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

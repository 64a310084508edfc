import type { OnReadOpts, Socket } from 'node:net';
import { RECEIVE_BUFFER } from './receive-buffer.js';

/** What the first bytes after a pause are received in: little of a body is copied, and little is kept for who is slow. */
const AFTER_PAUSE = RECEIVE_BUFFER.subarray(0, 16 * 1024);

/**
 * A body that is received past the parser. Both methods return where the next bytes belong, which is the connection's
 * until they have come; undefined: none are taken before the connection is resumed.
 */
export interface DirectBody {
  /** So many bytes stand where they belong. */
  placed(bytes: number): Uint8Array | undefined;
  /** These came elsewhere, and stand there only until this returns. */
  copied(bytes: Uint8Array): Uint8Array | undefined;
}

/**
 * What one connection receives. The parser copies bodies out of what was received, at once: after that nobody looks at
 * it again. So all connections receive in the same memory, twice as much at once as a socket would: half of the trips,
 * and nothing to free. A large body goes past the parser, to where it is wanted, and is not copied at all.
 */
export class Receiver {
  /** Of the connection, which has to be made with it. */
  readonly onread: OnReadOpts;
  #body: DirectBody | undefined;
  #place: Uint8Array | undefined;

  constructor() {
    const receive = (socket: Socket, bytes: number, buffer: Uint8Array) =>
      this.#receive(socket, bytes, buffer);
    this.onread = {
      buffer: () => this.#place ?? (this.#body === undefined ? RECEIVE_BUFFER : AFTER_PAUSE),
      callback(this: Socket, bytes, buffer) {
        return receive(this, bytes, buffer);
      },
    };
  }

  /**
   * The parser sees nothing more of this connection, which therefore can not be used for another request.
   * @param place where the next bytes belong
   */
  takeOver(body: DirectBody, place: Uint8Array): void {
    this.#body = body;
    this.#place = place;
  }

  #receive(socket: Socket, bytes: number, buffer: Uint8Array): boolean {
    if (this.#body === undefined) {
      socket.emit('data', RECEIVE_BUFFER.subarray(0, bytes));
      return true;
    }
    // The place is known only to what is received after it was told.
    this.#place =
      buffer === this.#place ? this.#body.placed(bytes) : this.#body.copied(buffer.subarray(0, bytes));
    return this.#place !== undefined;
  }
}

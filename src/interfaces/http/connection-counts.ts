import type { Socket } from 'node:net';

/** What the connections of a server have carried, in plain numbers: a request costs nothing. */
export class ConnectionCounts {
  readonly #open = new Set<Socket>();
  #accepted = 0;
  #received = 0;
  #sent = 0;

  readonly add = (socket: Socket): void => {
    this.#accepted += 1;
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#received += socket.bytesRead;
      this.#sent += socket.bytesWritten;
    });
  };

  /** Connections that were ever made. */
  get accepted(): number {
    return this.#accepted;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Bytes, of open connections too. */
  get received(): number {
    let bytes = this.#received;
    for (const { bytesRead } of this.#open) bytes += bytesRead;
    return bytes;
  }

  /** Bytes, of open connections too. */
  get sent(): number {
    let bytes = this.#sent;
    for (const { bytesWritten } of this.#open) bytes += bytesWritten;
    return bytes;
  }
}

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { requestHead, type Headers } from './connection.js';
import { readHead } from './pull.js';

const HEAD_END = Buffer.from('\r\n\r\n');

interface Waiter {
  readonly onBytes: ((bytes: Buffer) => void) | undefined;
  readonly resolve: (length: number) => void;
  readonly reject: (error: Error) => void;
}

/** One keep-alive connection for bodies of any size, one request at a time: they land in one reused buffer. */
export class PullConnection {
  readonly #socket: Socket;
  #waiter: Waiter | undefined;
  /** Of an answer whose head is not whole yet. */
  #begun: Buffer[] = [];
  #length: number | undefined;
  #got = 0;

  private constructor(port: number) {
    const callback = (count: number, buffer: Uint8Array): boolean => {
      try {
        this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, count));
      } catch (error) {
        this.#socket.destroy(error as Error);
      }
      return true;
    };
    this.#socket = connect({ port, host: '127.0.0.1', onread: { buffer: Buffer.alloc(1 << 18), callback } });
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (error) => this.#settle()?.reject(error));
    this.#socket.on('close', () => this.#settle()?.reject(new Error('the connection was closed')));
  }

  static async open(port: number): Promise<PullConnection> {
    const connection = new PullConnection(port);
    await once(connection.#socket, 'connect');
    return connection;
  }

  /**
   * @param onBytes sees each piece of the body while it is valid
   * @returns bytes of the body
   * @throws Error on any answer but 200 with a length
   */
  get(path: string, onBytes?: (bytes: Buffer) => void, headers: Headers = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#begun = [];
      this.#length = undefined;
      this.#got = 0;
      this.#waiter = { onBytes, resolve, reject };
      this.#socket.write(requestHead('GET', path, headers));
    });
  }

  /** The whole body. */
  async read(path: string, headers: Headers = {}): Promise<Buffer> {
    const parts: Buffer[] = [];
    await this.get(path, (bytes) => parts.push(Buffer.from(bytes)), headers);
    return Buffer.concat(parts);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    let body = bytes;
    if (this.#length === undefined) {
      this.#begun.push(Buffer.from(bytes));
      const begun = Buffer.concat(this.#begun);
      if (!begun.includes(HEAD_END)) return;
      const head = readHead(begun);
      if (head instanceof URL) throw new Error(`the blob is elsewhere: ${head.href}`);
      this.#length = head.length;
      body = begun.subarray(head.bodyAt);
    }
    this.#got += body.length;
    if (body.length > 0) this.#waiter?.onBytes?.(body);
    if (this.#got > this.#length) throw new Error(`${this.#got} bytes instead of ${this.#length}`);
    if (this.#got === this.#length) this.#settle()?.resolve(this.#got);
  }

  #settle(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }
}

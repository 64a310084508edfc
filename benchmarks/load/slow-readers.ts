import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestHead } from './connection.js';

const DIALS_AT_ONCE = 100;

/** A client that asked for a blob and takes one piece (64 KiB at most) at a time, when told to. */
class SlowReader {
  readonly #socket: Socket;
  #got = 0;
  #fault: Error | undefined;

  constructor(port: number, path: string) {
    this.#socket = connect({ port, host: '127.0.0.1' });
    this.#socket.on('error', (error) => {
      this.#fault = error;
    });
    this.#socket.write(requestHead('GET', path));
  }

  async connected(): Promise<void> {
    if (this.#socket.connecting) await once(this.#socket, 'connect');
  }

  take(): void {
    const piece = this.#socket.read() as Buffer | null;
    if (piece === null) return;
    if (this.#got === 0 && !piece.toString('latin1', 0, 12).endsWith(' 200')) {
      this.#fault = new Error(piece.toString('latin1', 0, 300));
    }
    this.#got += piece.length;
  }

  /** @throws Error when it got nothing, or an error. */
  leave(): void {
    this.#socket.destroy();
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#got === 0) throw new Error('a slow reader got nothing at all');
  }
}

/** `count` clients read the blob for `seconds`, one piece a second each, and then leave in the middle of it. */
export async function readSlowly(port: number, path: string, count: number, seconds: number): Promise<void> {
  const readers: SlowReader[] = [];
  while (readers.length < count) {
    const dialled = Array.from(
      { length: Math.min(DIALS_AT_ONCE, count - readers.length) },
      () => new SlowReader(port, path),
    );
    await Promise.all(dialled.map((reader) => reader.connected()));
    readers.push(...dialled);
  }
  for (let second = 0; second < seconds; second++) {
    await sleep(1000);
    for (const reader of readers) reader.take();
  }
  for (const reader of readers) reader.leave();
}

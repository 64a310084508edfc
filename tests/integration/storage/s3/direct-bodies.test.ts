import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnswerBody } from '../../../../src/infrastructure/storage/drivers/s3/client/answer-body.js';
import type { Endpoint } from '../../../../src/infrastructure/storage/drivers/s3/client/endpoint.js';
import { Transport } from '../../../../src/infrastructure/storage/drivers/s3/client/transport.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const LARGE = randomBytes(20 * MIB + 17);
/** Below what is worth a connection. */
const SMALL = LARGE.subarray(0, MIB);
const BUFFER = 256 * KIB;
/** Of what is received after a pause. */
const AFTER_PAUSE = 16 * KIB;

/** What a store does when it has got a request. */
type Answering = (socket: Socket) => void;

const head = (bytes: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`;
const giving =
  (content: Buffer, announced = content.length): Answering =>
  (socket) => {
    socket.write(head(announced));
    socket.write(content);
  };

describe('a body that is received in the buffers of who reads it', () => {
  let server: Server;
  let transport: Transport;
  let answering: Answering;
  let sockets: Socket[];

  beforeEach(async () => {
    sockets = [];
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', () => answering(socket));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const endpoint: Endpoint = {
      protocol: 'http:',
      hostname: '127.0.0.1',
      port,
      host: `127.0.0.1:${port}`,
      path: '',
    };
    transport = new Transport(endpoint, {
      skipverify: false,
      sockets: 4,
      connectTimeout: 5_000,
    });
  });
  afterEach(async () => {
    transport.close();
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  async function get(announced: number, idleTimeout = 5_000) {
    const response = await transport.send({
      method: 'GET',
      path: '/',
      headers: {},
      content: [],
      use: 'bodies',
      idleTimeout,
    });
    return { body: new AnswerBody(response, announced, idleTimeout), socket: response.socket };
  }

  /** Reads to the end, in buffers of these sizes in turn. */
  async function readAll(body: AnswerBody, sizes: readonly number[]): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let turn = 0; ; turn += 1) {
      const buffer = Buffer.alloc(sizes[turn % sizes.length] ?? 0);
      const bytes = await body.read(buffer);
      parts.push(buffer.subarray(0, bytes));
      if (bytes < buffer.length) return Buffer.concat(parts);
    }
  }

  it.each([
    ['large ones', [BUFFER]],
    ['a small one first, as clients are sent', [8 * KIB, BUFFER, BUFFER, BUFFER]],
    ['odd ones, small and large', [100_003, 1, 70_000, 8 * KIB, 3 * MIB, 17, AFTER_PAUSE, 65_537]],
    ['small ones', [8 * KIB]],
    ['one that is larger than the body', [LARGE.length + 1]],
  ])('comes whole and in order into buffers: %s', async (_what, sizes) => {
    answering = giving(LARGE);
    const { body } = await get(LARGE.length);
    expect((await readAll(body, sizes)).equals(LARGE)).toBe(true);
    expect(await body.read(Buffer.alloc(10))).toBe(0);
    body.close();
  });

  it('comes whole when it comes in dribs and drabs', async () => {
    answering = (socket) => {
      void (async () => {
        socket.write(head(LARGE.length));
        for (let at = 0, step = 1; at < LARGE.length; at += step, step = ((step * 7) % 300_007) + 1) {
          socket.write(LARGE.subarray(at, at + step));
          await new Promise(setImmediate);
        }
      })();
    };
    const { body } = await get(LARGE.length);
    expect((await readAll(body, [BUFFER])).equals(LARGE)).toBe(true);
  });

  it('costs a connection, where a small one leaves it to the next', async () => {
    const read = async (content: Buffer) => {
      answering = giving(content);
      const { body } = await get(content.length);
      expect((await readAll(body, [BUFFER])).equals(content)).toBe(true);
      body.close();
      await new Promise(setImmediate);
    };
    for (const content of [SMALL, SMALL, SMALL]) await read(content);
    expect(sockets.length).toBe(1);
    for (const content of [LARGE, LARGE, SMALL, SMALL]) await read(content);
    expect(sockets.length).toBe(3);
    await Promise.all(sockets.slice(0, 2).map(async (socket) => socket.closed || once(socket, 'close')));
  });

  it('is received no further than it is read, but for a little', async () => {
    answering = giving(LARGE);
    const { body, socket } = await get(LARGE.length);
    await body.read(Buffer.alloc(3 * MIB));
    for (const size of [BUFFER, 8 * KIB, 8 * KIB, 8 * KIB]) {
      const before = socket.bytesRead;
      await body.read(Buffer.alloc(size));
      await sleep(50);
      expect(socket.bytesRead - before).toBeLessThanOrEqual(size + AFTER_PAUSE);
    }
    expect(socket.bytesRead).toBeLessThanOrEqual(
      3 * MIB + BUFFER + 3 * AFTER_PAUSE + head(LARGE.length).length,
    );
    body.close();
  });

  it.each([
    ['ended', (socket: Socket) => socket.end(), 'cut'],
    ['reset', (socket: Socket) => socket.resetAndDestroy(), 'cut'],
    ['silent', () => undefined, 'silent'],
  ])('is nobody’s as whole when the connection is %s in the middle', async (_what, then, fault) => {
    const part = LARGE.subarray(0, 11 * MIB);
    answering = (socket) => {
      socket.write(head(LARGE.length));
      socket.write(part, () => setTimeout(() => then(socket), 20));
    };
    const { body } = await get(LARGE.length, 300);
    await expect(readAll(body, [BUFFER])).rejects.toMatchObject({ name: 'ConnectionFailed', fault });
    await expect(body.read(Buffer.alloc(1))).rejects.toMatchObject({ fault });
  });

  it('is no longer than was announced', async () => {
    const announced = LARGE.length - 100_000;
    answering = giving(LARGE, announced);
    const { body } = await get(announced);
    expect((await readAll(body, [BUFFER])).equals(LARGE.subarray(0, announced))).toBe(true);
  });

  it('ends with its connection when it is closed in the middle, and so does who waits for it', async () => {
    answering = (socket) => {
      socket.write(head(LARGE.length));
      socket.write(LARGE.subarray(0, 5 * MIB));
    };
    const { body } = await get(LARGE.length);
    await body.read(Buffer.alloc(4 * MIB));
    const waiting = expect(body.read(Buffer.alloc(4 * MIB))).rejects.toMatchObject({ fault: 'cut' });
    await sleep(20);
    body.close();
    await waiting;
    await Promise.all(sockets.map(async (socket) => socket.closed || once(socket, 'close')));
  });
});

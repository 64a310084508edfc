import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageReader } from '../../../src/application/ports/storage/storage-driver.js';
import { BodySender } from '../../../src/interfaces/http/presenters/body-sender.js';
import { BufferBudget } from '../../../src/interfaces/http/presenters/buffer-budget.js';
import { HttpClient } from '../../support/http-client.js';

const CONTENT = randomBytes(5_000_000);
/** Every write counts as slow; none does. */
const ALWAYS = -1;
const NEVER = Infinity;

/** Remembers what was read. */
class RecordingReader implements StorageReader {
  readonly size = CONTENT.length;
  readonly reads: { readonly position: number; readonly length: number }[] = [];
  closed = 0;

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const part = CONTENT.subarray(position, position + buffer.length);
    buffer.set(part);
    this.reads.push({ position, length: part.length });
    return part.length;
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}

describe('sending the bytes of a blob', () => {
  let answer: (res: ServerResponse) => Promise<void>;
  const server = createServer((_req, res) => void answer(res));
  let client: HttpClient;
  let port: number;

  beforeEach(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    ({ port } = server.address() as AddressInfo);
    client = new HttpClient(port);
  });
  afterEach(async () => {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  it.each([
    ['to a fast client', NEVER],
    ['to one that is slow all the time', ALWAYS],
  ])('reads each byte of the range once and in order, %s', async (_what, slow) => {
    const range = { start: 1_000, end: CONTENT.length - 1_001 };
    const reader = new RecordingReader();
    answer = async (res) => {
      res.writeHead(200);
      await new BodySender(new BufferBudget(), slow).send(res, reader, range);
    };
    const { body } = await client.send({ path: '/' });
    expect(body.equals(CONTENT.subarray(range.start, range.end + 1))).toBe(true);
    let next = range.start;
    for (const { position, length } of reader.reads) {
      expect(position).toBe(next);
      next += length;
    }
    expect([next, reader.closed]).toEqual([range.end + 1, 1]);
  });

  it('reads on no more when the client has left, and closes', async () => {
    const reader = new RecordingReader();
    const sent = new Promise<number>((resolve, reject) => {
      answer = async (res) => {
        res.writeHead(200);
        const range = { start: 0, end: CONTENT.length - 1 };
        await new BodySender(new BufferBudget()).send(res, reader, range).then(resolve, reject);
      };
    });
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    socket.once('data', () => socket.destroy());
    expect(await sent).toBeLessThan(CONTENT.length);
    const { length } = reader.reads;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect([reader.reads.length, reader.closed]).toEqual([length, 1]);
  });

  it('takes for left whose connection failed in a write, although the response has not closed yet', async () => {
    const reader = new RecordingReader();
    const write = (_piece: Buffer, done: (error: Error) => void) => done(new Error('ECONNRESET'));
    const res = Object.assign(new EventEmitter(), {
      destroyed: false,
      write,
      end: () => expect.unreachable(),
    });
    const range = { start: 0, end: CONTENT.length - 1 };
    const sent = await new BodySender(new BufferBudget()).send(
      res as unknown as ServerResponse,
      reader,
      range,
    );
    expect([sent, reader.reads.length, reader.closed]).toEqual([0, 1, 1]);
  });
});

import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AnswerBody } from '../../../../src/infrastructure/storage/drivers/s3/client/answer-body.js';
import { RECEIVE_BUFFER } from '../../../../src/infrastructure/storage/drivers/s3/client/receive-buffer.js';

const CHUNK = 128 * 1024;

describe('the body of an answer', () => {
  it.each([
    ['one chunk to who takes small pieces', 8 * 1024, 1],
    ['four buffers to who takes large ones', 2 * CHUNK, 10],
  ])('is read ahead by %s', async (_what, bytes, chunks) => {
    const response = new IncomingMessage(new Socket());
    const body = new AnswerBody(response, 20 * CHUNK, 1_000);
    const reading = body.read(Buffer.alloc(bytes));
    let pushed = 0;
    response.resume();
    while (!response.isPaused()) {
      response.push(Buffer.alloc(CHUNK, pushed + 1));
      pushed += 1;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect(await reading).toBe(bytes);
    expect(pushed).toBe(chunks);
    body.close();
  });

  it('fails where what was received is not copied, since other bytes come into its place', async () => {
    const response = new IncomingMessage(new Socket());
    const body = new AnswerBody(response, 4, 1_000);
    const reading = body.read(Buffer.alloc(4));
    response.push(RECEIVE_BUFFER.subarray(0, 4));
    await expect(reading).rejects.toThrow('does not copy what it receives');
  });
});

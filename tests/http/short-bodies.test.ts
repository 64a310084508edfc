import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';

describe('a short body', () => {
  let registry: InProcessRegistry;
  beforeAll(async () => {
    registry = await InProcessRegistry.start();
  });
  afterAll(() => registry.stop());

  const push = (content: string, last = '') =>
    `POST /v2/a/blobs/uploads/?digest=${digestOf(content)} HTTP/1.1\r\nHost: a\r\n${last}Content-Length: ${content.length}\r\n\r\n`;
  const LAST = 'Connection: close\r\n';
  /** The statuses of the answers to what is sent in these pieces. */
  async function statuses(...pieces: readonly string[]): Promise<readonly string[]> {
    const socket = connect(registry.port, '127.0.0.1').setNoDelay(true);
    const answers = text(socket);
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return [...(await answers).matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status = '']) => status);
  }

  it('is taken with its head, and the connection goes on', async () => {
    const [one, two] = ['came with its head', 'and so did this'];
    expect(await statuses(`${push(one)}${one}${push(two, LAST)}${two}`)).toEqual(['201', '201']);
  });

  it('is taken behind its head, in pieces', async () => {
    const content = 'came in pieces';
    expect(await statuses(push(content, LAST), 'came in', ' pieces')).toEqual(['201']);
    expect(await statuses(`${push(content, LAST)}came`, ' in pieces')).toEqual(['201']);
  });
});

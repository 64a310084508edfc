import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRegistryApp } from '../../../src/interfaces/http/app.js';
import type { Dispatcher } from '../../../src/interfaces/http/dispatcher.js';
import { HttpServer } from '../../../src/interfaces/http/server.js';
import { RecordingLogger } from '../observability/recording-logger.js';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const SILENCE = 150_000;

describe('a server', () => {
  let server: HttpServer;
  let client: Socket;
  let logger: RecordingLogger;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    logger = new RecordingLogger();
  });
  afterEach(async () => {
    vi.useRealTimers();
    client.destroy();
    await server.close(0);
  });

  async function serve(handle: Dispatcher['handle']): Promise<void> {
    const { app, classes } = createRegistryApp({ handle } as Dispatcher, logger);
    server = new HttpServer(app, classes);
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    client = connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    await once(client, 'connect');
  }

  it('closes a connection that is silent after its answer', async () => {
    await serve((_req, res) => res.end('x'));
    const told = once(client, 'data');
    client.write(GET);
    await told;
    const closed = once(client, 'close');
    vi.advanceTimersByTime(SILENCE);
    await closed;
  });

  it('waits for an answer that takes its time', async () => {
    let answer = (): unknown => undefined;
    await serve((_req, res) => {
      answer = () => res.end('late');
      client.emit('asked');
    });
    const asked = once(client, 'asked');
    client.write(GET);
    await asked;
    vi.advanceTimersByTime(4 * SILENCE);
    const told = once(client, 'data');
    answer();
    expect(String((await told)[0])).toContain('late');
  });

  it('ends the connection, and says so, when a request fails outside of everything', async () => {
    await serve(() => {
      throw new Error('no');
    });
    const closed = once(client, 'close');
    client.on('data', () => expect.unreachable('it got an answer'));
    client.write(GET);
    await closed;
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'request failed outside the dispatcher'],
    ]);
  });
});

import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Connections } from '../../../src/interfaces/http/connections.js';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('connections of a server', () => {
  let server: Server;
  let client: Socket;
  let connections: Connections;
  let waiting: ServerResponse[];

  beforeEach(async () => {
    connections = new Connections();
    waiting = [];
    server = createServer({ keepAliveTimeout: 0 }, (req, res) => {
      connections.begin(req.socket, res);
      waiting.push(res);
      server.emit('asked');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    await once(client, 'connect');
  });
  afterEach(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });

  async function ask(): Promise<ServerResponse> {
    const asked = once(server, 'asked');
    client.write(GET);
    await asked;
    return waiting.at(-1)!;
  }

  async function answer(res: ServerResponse): Promise<void> {
    const told = once(client, 'data');
    res.end('x');
    await told;
  }

  it('are closed when they were silent between two sweeps', async () => {
    await answer(await ask());
    connections.sweep();
    await answer(await ask());
    connections.sweep();
    expect(client.destroyed).toBe(false);
    const closed = once(client, 'close');
    connections.sweep();
    await closed;
    expect(connections.busy).toBe(0);
  });

  it('are left alone as long as an answer is under way, however often they are looked at', async () => {
    await answer(await ask());
    const res = await ask();
    for (let sweep = 0; sweep < 5; sweep += 1) connections.sweep();
    expect([connections.busy, connections.answerOn(res.req.socket)]).toEqual([1, res]);
    await answer(res);
    expect([connections.busy, connections.answerOn(res.req.socket)]).toEqual([0, undefined]);
  });

  it('are not busy any more when the client has left', async () => {
    const res = await ask();
    const closed = once(res.req.socket, 'close');
    client.destroy();
    await closed;
    expect(connections.busy).toBe(0);
  });
});

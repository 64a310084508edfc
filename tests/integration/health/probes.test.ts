import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileProbe } from '../../../src/infrastructure/health/file-probe.js';
import { HttpProbe, type HttpTarget } from '../../../src/infrastructure/health/http-probe.js';
import { TcpProbe } from '../../../src/infrastructure/health/tcp-probe.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

const NEVER = new AbortController().signal;
/** Longer than any test runs. */
const LONG = 600_000;
const SHORT = 50;

async function listening(server: TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a file', () => {
  let temp: TempDir;
  beforeEach(async () => {
    temp = await makeTempDir();
  });
  afterEach(async () => temp.remove());

  it('is trouble as long as it is there', async () => {
    const path = join(temp.path, 'down');
    const probe = new FileProbe('down', path);
    await probe.look();
    await writeFile(path, '');
    await expect(probe.look()).rejects.toThrow('the file is there');
    await rm(path);
    await probe.look();
  });

  it('may be a folder, and is not there below a file', async () => {
    await mkdir(join(temp.path, 'folder'));
    await writeFile(join(temp.path, 'file'), '');
    await expect(new FileProbe('x', join(temp.path, 'folder')).look()).rejects.toThrow('the file is there');
    await new FileProbe('x', join(temp.path, 'file', 'down')).look();
  });

  it('that can not be looked for is trouble too', async () => {
    await expect(new FileProbe('x', join(temp.path, 'x'.repeat(300))).look()).rejects.toThrow('ENAMETOOLONG');
  });
});

describe('a service of HTTP', () => {
  let servers: Server[] = [];
  const open = new Set<Socket>();
  afterEach(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    servers = [];
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    server.on('connection', (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    });
    return `http://127.0.0.1:${await listening(server)}`;
  }

  const probe = (uri: string, more: Partial<HttpTarget> = {}): HttpProbe =>
    new HttpProbe(uri, { uri, headers: new Map(), statuscode: 200, timeout: LONG, ...more });

  it('is asked by HEAD, with the headers that are configured, on a connection that ends', async () => {
    const seen: unknown[] = [];
    const uri = await serve((req, res) => {
      seen.push([req.method, req.url, req.headers['x-asked-by'], req.headers.connection]);
      res.end();
    });
    const headers = new Map([['X-Asked-By', ['registry', 'twice']]]);
    await probe(`${uri}/up?x=1`, { headers }).look(NEVER);
    expect(seen).toEqual([['HEAD', '/up?x=1', 'registry, twice', 'close']]);
    await expect.poll(() => open.size).toBe(0);
  });

  it('is well with the status that is configured, and with no other', async () => {
    const uri = await serve((_req, res) => res.writeHead(204).end());
    await probe(uri, { statuscode: 204 }).look(NEVER);
    await expect(probe(uri).look(NEVER)).rejects.toThrow('the answer has status 204 instead of 200');
  });

  it('may send to another address, ten times at most', async () => {
    let asked = 0;
    const uri = await serve((req, res) => {
      asked += 1;
      const left = Number(req.url?.slice(1));
      if (left === 0) res.end();
      else res.writeHead([301, 302, 303, 307, 308][left % 5] ?? 0, { location: `/${left - 1}` }).end();
    });
    await probe(`${uri}/10`).look(NEVER);
    expect(asked).toBe(11);
    await expect(probe(`${uri}/11`).look(NEVER)).rejects.toThrow('more than 10 redirects');
    expect(asked).toBe(22);
  });

  it('may be meant to send elsewhere', async () => {
    const uri = await serve((_req, res) => res.writeHead(302, { location: '/loop' }).end());
    await probe(uri, { statuscode: 302 }).look(NEVER);
  });

  it.each(['file:///etc/passwd', 'http://', 'data:,x'])(
    'that sends to %s is not followed',
    async (location) => {
      const uri = await serve((_req, res) => res.writeHead(302, { location }).end());
      await expect(probe(uri).look(NEVER)).rejects.toThrow(
        'redirects to what is no address of http or https',
      );
    },
  );

  it('gets the credentials that are meant for it, and no other one does', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const other = await serve((req, res) => {
      seen.push(req.headers);
      res.end();
    });
    const uri = await serve((req, res) => {
      seen.push(req.headers);
      res.writeHead(302, { location: other }).end();
    });
    const headers = new Map([
      ['Cookie', ['a=b']],
      ['X-Asked-By', ['registry']],
    ]);
    await probe(uri.replace('//', '//me:secret@'), { headers }).look(NEVER);
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    expect(seen.map((each) => [each.authorization, each.cookie, each['x-asked-by']])).toEqual([
      [basic, 'a=b', 'registry'],
      [undefined, undefined, 'registry'],
    ]);
  });

  it('that hangs is cut by the timeout, before the answer and between redirects', async () => {
    const silent = await serve(() => undefined);
    await expect(probe(silent, { timeout: SHORT }).look(NEVER)).rejects.toThrow('no answer within 50 ms');
    const slow = await serve((_req, res) => {
      setTimeout(() => res.writeHead(302, { location: '/again' }).end(), SHORT / 3);
    });
    await expect(probe(slow, { timeout: SHORT }).look(NEVER)).rejects.toThrow('no answer within 50 ms');
    await expect.poll(() => open.size).toBe(0);
  });

  it('that closes, or is not there, is not well', async () => {
    const closing = await serve((req) => req.socket.destroy());
    await expect(probe(closing).look(NEVER)).rejects.toThrow(/socket hang up|ECONNRESET/);
    servers.pop()?.close();
    await expect(probe(closing).look(NEVER)).rejects.toThrow('ECONNREFUSED');
    await expect(probe('http://localhost:1/').look(NEVER)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('that answers something else is not well', async () => {
    const server = createTcpServer((socket) => socket.end('220 mail ready\r\n'));
    try {
      await expect(probe(`http://127.0.0.1:${await listening(server)}`).look(NEVER)).rejects.toThrow(
        'Parse Error',
      );
    } finally {
      server.close();
    }
  });

  it('is let go when the registry stops', async () => {
    const uri = await serve(() => undefined);
    const stop = new AbortController();
    const looking = probe(uri).look(stop.signal);
    await once(servers[0] as Server, 'request');
    stop.abort();
    await expect(looking).rejects.toThrow('the registry stops');
    await expect.poll(() => open.size).toBe(0);
    await expect(probe(uri).look(stop.signal)).rejects.toThrow('the registry stops');
  });
});

describe('a service that takes connections', () => {
  it('is well as long as it takes them', async () => {
    const server = createTcpServer((socket) => socket.on('error', () => undefined));
    const port = await listening(server);
    const probe = new TcpProbe('x', { host: '127.0.0.1', port }, LONG);
    await probe.look(NEVER);
    server.close();
    await once(server, 'close');
    await expect(probe.look(NEVER)).rejects.toThrow('ECONNREFUSED');
  });

  it('that is on no address of its name is told with all of them', async () => {
    const probe = new TcpProbe('x', { host: 'localhost', port: 1 }, LONG);
    await expect(probe.look(NEVER)).rejects.toThrow(/ECONNREFUSED \S+:1/);
  });

  it('is let go when the registry stops', async () => {
    const stop = AbortSignal.abort();
    await expect(new TcpProbe('x', { host: '127.0.0.1', port: 1 }, LONG).look(stop)).rejects.toThrow(
      'the registry stops',
    );
  });
});

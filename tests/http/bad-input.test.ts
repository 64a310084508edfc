import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, errorCodes, type HttpClient } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { pushBlob } from '../support/registry-actions.js';

describe('bad input', () => {
  let registry: InProcessRegistry;
  let client: HttpClient;

  beforeAll(async () => {
    registry = await InProcessRegistry.start();
    client = registry.client;
  });
  afterAll(async () => registry.stop());

  /** Everything the server says to bytes that are sent as they are, until it closes or falls silent. */
  async function talk(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(registry.port, '127.0.0.1');
      let said = '';
      socket.setTimeout(1500, () => {
        socket.destroy();
        resolve(said);
      });
      socket.on('data', (chunk) => (said += chunk.toString('latin1')));
      socket.on('close', () => resolve(said));
      socket.on('error', reject);
      socket.write(text);
    });
  }

  /** Announces a body, and leaves after a part of it once the registry has begun to read. */
  async function breakOff(request: string, announced: number, part: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(registry.port, '127.0.0.1');
      // It asks for the body when it wants it.
      socket.once('data', () => socket.end(part));
      socket.on('data', () => undefined);
      socket.on('close', () => resolve());
      socket.on('error', reject);
      const headers = `Host: x\r\nExpect: 100-continue\r\nContent-Length: ${announced}`;
      socket.write(`${request}\r\n${headers}\r\n\r\n`);
    });
  }

  it.each([
    ['/v2/UPPER/tags/list', 400, 'NAME_INVALID'],
    ['/v2/a//b/tags/list', 400, 'NAME_INVALID'],
    ['/v2//tags/list', 400, 'NAME_INVALID'],
    ['/v2/../../etc/passwd/tags/list', 400, 'NAME_INVALID'],
    ['/v2/%2e%2e/%2e%2e/etc/tags/list', 400, 'NAME_INVALID'],
    ['/v2/a%2F..%2Fb/manifests/latest', 400, 'NAME_INVALID'],
    ['/v2/a%00b/tags/list', 400, 'NAME_INVALID'],
    ['/v2/%zz/manifests/latest', 400, 'NAME_INVALID'],
    ['/v2/a%/tags/list', 400, 'NAME_INVALID'],
    [`/v2/${'a'.repeat(256)}/tags/list`, 400, 'NAME_INVALID'],
    ['/v2/a/blobs/../../../etc/passwd', 404, 'UNSUPPORTED'],
    ['/v2/a/blobs/sha256:..%2F..', 404, 'UNSUPPORTED'],
    ['/v2/a/manifests/..', 404, 'MANIFEST_UNKNOWN'],
    ['/v2/a/manifests/a%00b', 404, 'MANIFEST_UNKNOWN'],
    ['/v2/a/unknown', 404, 'UNSUPPORTED'],
    ['/etc/passwd', 404, 'UNSUPPORTED'],
    ['//v2//a', 404, 'UNSUPPORTED'],
    ['/V2/', 404, 'UNSUPPORTED'],
    ['/v1/_ping', 404, 'UNSUPPORTED'],
  ])('answers %s with %i %s', async (path, status, code) => {
    const answer = await client.send({ path });
    expect([answer.status, errorCodes(answer)]).toEqual([status, [code]]);
  });

  it.each([
    ['POST', '/v2/', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/v2/_catalog', 'GET, HEAD, OPTIONS'],
    ['POST', '/v2/a/tags/list', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/v2/a/manifests/v1', 'DELETE, GET, HEAD, OPTIONS, PUT'],
    ['PUT', `/v2/a/blobs/${digestOf('x')}`, 'DELETE, GET, HEAD, OPTIONS'],
    ['GET', '/v2/a/blobs/uploads/', 'OPTIONS, POST'],
    [
      'POST',
      '/v2/a/blobs/uploads/0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f',
      'DELETE, GET, HEAD, OPTIONS, PATCH, PUT',
    ],
    ['PROPFIND', '/v2/', 'GET, HEAD, OPTIONS'],
  ])('refuses %s %s with 405 and says what it knows', async (method, path, allow) => {
    const answer = await client.send({ method, path });
    expect([answer.status, errorCodes(answer), answer.headers.allow]).toEqual([405, ['UNSUPPORTED'], allow]);
  });

  it('answers OPTIONS with what an endpoint knows', async () => {
    const answer = await client.send({ method: 'OPTIONS', path: '/v2/' });
    expect([answer.status, answer.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
  });

  it.each([
    ['64 KiB of headers', `GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`, 431],
    ['a request that is none', 'hello\r\n\r\n', 400],
    ['two lengths', 'PUT /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['a length that is no number', 'PUT /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n', 400],
    ['a NUL in its path', 'GET /v2/\0 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    [
      'a broken chunk',
      'PUT /v2/a/manifests/v HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
  ])('answers %s with %3$i and an OCI error', async (_what, text, status) => {
    const said = await talk(text);
    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(said).toMatch(/content-type: application\/json/i);
    const body = JSON.parse(said.slice(said.indexOf('\r\n\r\n') + 4)) as { errors: { code: string }[] };
    expect(body.errors.length).toBeGreaterThan(0);
  });

  it('keeps the connection for the next request after a refused small body, and after one nobody asked for', async () => {
    const refused = 'PUT /v2/A/manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde';
    const unasked = 'GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc';
    const last = 'GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const said = await talk(refused + unasked + last);
    expect(said.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200', 'HTTP/1.1 200']);
  });

  it('closes the connection after refusing a large body, and the answer arrives', async () => {
    const head = `PUT /v2/A/manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: ${1 << 30}\r\n\r\n`;
    const said = await talk(head + 'x'.repeat(100_000));
    expect(said).toMatch(/^HTTP\/1.1 400 /);
    expect(said).toMatch(/connection: close/i);
    expect(said).toContain('NAME_INVALID');
  });

  it('refuses before the body is sent where the client waits for it to be asked for', async () => {
    const path = '/v2/a/blobs/uploads/0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f?digest=' + digestOf('x');
    const said = await talk(
      `PUT ${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n`,
    );
    expect(said).toMatch(/^HTTP\/1.1 404 /);
  });

  it('asks for the body where it wants it', async () => {
    const started = await client.send({ method: 'POST', path: '/v2/a/blobs/uploads/' });
    const path = `${String(started.headers.location)}&digest=${digestOf('abc')}`;
    const said = await talk(
      `PUT ${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc`,
    );
    expect(said).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 /);
  });

  it('keeps what arrived of a body that stops, and tells exactly how much', async () => {
    const started = await client.send({ method: 'POST', path: '/v2/a/blobs/uploads/' });
    const location = String(started.headers.location);
    await breakOff(`PATCH ${location} HTTP/1.1`, 1000, 'x'.repeat(400));
    const status = await client.send({ path: location });
    expect([status.status, status.headers.range]).toEqual([204, '0-399']);
    const rest = await client.send({
      method: 'PUT',
      path: `${String(status.headers.location)}&digest=${digestOf('x'.repeat(1000))}`,
      headers: { 'content-range': '400-999' },
      body: 'x'.repeat(600),
    });
    expect(rest.status).toBe(201);
  });

  it('takes the client’s request id, unless it could harm a log', async () => {
    const given = await client.send({ path: '/v2/', headers: { 'x-request-id': 'abc-1.2_3' } });
    expect(given.headers['x-request-id']).toBe('abc-1.2_3');
    const harmful = await client.send({ path: '/v2/', headers: { 'x-request-id': 'a b"c' } });
    expect(harmful.headers['x-request-id']).toMatch(/^[0-9a-f]{12}-\d+$/);
  });

  it('adds the configured headers to every answer, and lets the configured origins in', async () => {
    const own = await InProcessRegistry.start({
      http: {
        headers: {
          'X-Content-Type-Options': ['nosniff'],
          'Access-Control-Allow-Origin': ['https://a.example', 'https://b.example'],
        },
      },
    });
    try {
      await pushBlob(own.client, 'a', 'x');
      for (const path of ['/v2/', '/v2/none/tags/list', `/v2/a/blobs/${digestOf('x')}`, '/nowhere']) {
        const answer = await own.client.send({ path, headers: { origin: 'https://b.example' } });
        expect(answer.headers['x-content-type-options']).toBe('nosniff');
        expect(answer.headers['access-control-allow-origin']).toBe('https://b.example');
        expect(answer.headers['access-control-expose-headers']).toContain('Docker-Content-Digest');
      }
      const preflight = await own.client.send({
        method: 'OPTIONS',
        path: '/v2/a/manifests/v1',
        headers: { origin: 'https://a.example', 'access-control-request-method': 'DELETE' },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers['access-control-allow-methods']).toContain('DELETE');
      const stranger = await own.client.send({ path: '/v2/', headers: { origin: 'https://evil.example' } });
      expect(stranger.headers['access-control-allow-origin']).toBeUndefined();
    } finally {
      await own.stop();
    }
  });
});

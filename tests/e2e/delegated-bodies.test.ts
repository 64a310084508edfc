import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventEndpoint, type WireEvent } from '../support/event-endpoint.js';
import { type Answer, digestOf, HttpClient, type RawRequest } from '../support/http-client.js';
import { addUser } from '../support/htpasswd-users.js';
import { ensureImages, IMAGE_TOOLS } from '../support/images.js';
import { OciLayout } from '../support/oci-layout.js';
import { ProxiedRegistry } from '../support/proxied-registry.js';
import { pushBlob } from '../support/registry-actions.js';
import { type Ended, runProgram } from '../support/run-program.js';
import { PROXY_ADDRESS, SENDING_PROXIES } from '../support/sending-proxies.js';
import { freePort } from '../support/start-registry.js';
import { describeWith, tool } from '../support/tools.js';

const CONTENT = randomBytes(1_000_000);
const SMALL = randomBytes(60_000);
const [DIGEST, SMALL_DIGEST] = [digestOf(CONTENT), digestOf(SMALL)];
const PATH = `/v2/team/app/blobs/${DIGEST}`;
/** Of a connection, or of one answer alone. */
const NOT_COMPARED = new Set(['server', 'date', 'connection', 'keep-alive', 'x-request-id']);

describe.each(SENDING_PROXIES)('$name', (proxy) => {
  describeWith(proxy.needs, 'before the registry', () => {
    let proxied: ProxiedRegistry;

    beforeAll(async () => {
      proxied = await ProxiedRegistry.start(proxy);
      await pushBlob(proxied.client, 'team/app', CONTENT);
      await pushBlob(proxied.client, 'team/app', SMALL);
    });
    afterAll(() => proxied.stop());

    /** Bytes that came from the registry, as its access log has it. */
    const fromRegistry = async ({ headers }: Answer): Promise<number> =>
      (await proxied.record(headers['x-request-id'])).bytes;

    const etag = `"${DIGEST}"`;
    const changed = 'Fri, 27 Nov 2026 10:00:00 GMT';
    const size = CONTENT.length;

    it.each<[string, NonNullable<RawRequest['headers']>, number, number]>([
      ['all', {}, 200, size],
      ['a part', { range: 'bytes=1000-500000' }, 206, 499_001],
      ['its end', { range: 'bytes=-500000' }, 206, 500_000],
      ['more than its end', { range: 'bytes=-5000000' }, 206, size],
      ['what is behind a byte', { range: 'bytes=1000-' }, 206, size - 1_000],
      ['what is behind nothing', { range: 'bytes=0-' }, 206, size],
      ['a part that ends behind it', { range: 'bytes=1000-9999999' }, 206, size - 1_000],
      ['the rest of this content', { range: 'bytes=1000-', 'if-range': etag }, 206, size - 1_000],
    ])('sends %s of a blob, as the registry does by itself', async (_what, headers, status, length) => {
      const answer = await isAnsweredAlike({ path: PATH, headers });
      expect([answer.status, answer.body.length]).toEqual([status, length]);
      expect(await fromRegistry(answer)).toBe(0);
      expect(answer.headers).toMatchObject({
        'docker-content-digest': DIGEST,
        etag,
        'content-type': 'application/octet-stream',
        'accept-ranges': 'bytes',
        'cache-control': 'max-age=31536000',
      });
    });

    it.each<[string, RawRequest, number, number]>([
      ['a small part', { path: PATH, headers: { range: 'bytes=5-9' } }, 206, 5],
      ['several parts', { path: PATH, headers: { range: 'bytes=0-9,500000-' } }, 200, size],
      [
        'a part of another content',
        { path: PATH, headers: { range: 'bytes=9-', 'if-range': '"a"' } },
        200,
        size,
      ],
      [
        'a part of a former one',
        { path: PATH, headers: { range: 'bytes=9-', 'if-range': changed } },
        200,
        size,
      ],
      ['what it does not have', { path: PATH, headers: { 'if-none-match': '"a"' } }, 200, size],
      ['what it has', { path: PATH, headers: { 'if-none-match': etag } }, 304, 0],
      [
        'what has changed',
        { path: PATH, headers: { 'if-modified-since': new Date().toUTCString() } },
        200,
        size,
      ],
      ['a small blob', { path: `/v2/team/app/blobs/${SMALL_DIGEST}` }, 200, SMALL.length],
      ['its size', { method: 'HEAD', path: PATH }, 200, 0],
    ])('passes on what the registry says to whoever wants %s', async (_what, request, status, length) => {
      const answer = await isAnsweredAlike(request);
      expect([answer.status, answer.body.length]).toEqual([status, length]);
      expect(await fromRegistry(answer)).toBe(length);
    });

    it.each<[string, RawRequest, number]>([
      ['a range behind the end', { path: PATH, headers: { range: `bytes=${size}-` } }, 416],
      ['another repository', { path: `/v2/team/other/blobs/${DIGEST}` }, 404],
    ])('passes on that there is nothing in %s', async (_what, request, status) => {
      expect((await isAnsweredAlike(request)).status).toBe(status);
    });

    it('is not needed: whoever asks the registry itself gets the bytes from it, whatever he says', async () => {
      const headers = { 'x-forwarded-for': PROXY_ADDRESS };
      const answer = await proxied.registry.client.send({ path: PATH, headers });
      expect([answer.status, answer.body.equals(CONTENT)]).toEqual([200, true]);
      expect(await fromRegistry(answer)).toBe(size);
    });

    it('keeps the files to itself', async () => {
      const inTree = `docker/registry/v2/blobs/sha256/${DIGEST.slice(7, 9)}/${DIGEST.slice(7)}/data`;
      for (const path of [`/stowage-files/${inTree}`, '/stowage-files/', `/${inTree}`]) {
        const headers = { 'x-sendfile': inTree, 'x-accel-redirect': `/stowage-files/${inTree}` };
        expect((await proxied.client.send({ path, headers })).status).toBe(404);
      }
    });

    it('says 404 of a file that has gone since the registry has looked', async () => {
      const [empty, other] = [join(proxied.folder, 'empty'), await freePort()];
      await mkdir(empty);
      const folder = join(proxied.folder, 'other');
      const { host } = proxied.registry;
      const elsewhere = await proxy.start({ folder, port: other, registry: host, root: empty });
      const client = new HttpClient(other);
      try {
        const { status, headers } = await client.send({ path: PATH });
        // No cache may keep that for a year.
        expect([status, headers['cache-control'], headers.etag]).toEqual([404, undefined, undefined]);
        expect((await client.send({ path: `/v2/team/app/blobs/${SMALL_DIGEST}` })).status).toBe(200);
      } finally {
        client.close();
        await elsewhere.stop();
      }
    });

    /** Through the proxy and without it. @returns the answer of the proxy */
    async function isAnsweredAlike(request: RawRequest): Promise<Answer> {
      const [answer, own] = [await proxied.client.send(request), await proxied.registry.client.send(request)];
      expect(answer.status).toBe(own.status);
      expect(compared(answer, proxy.adds)).toEqual(compared(own));
      const isSame = answer.body.equals(own.body);
      expect(isSame).toBe(true);
      return answer;
    }
  });

  const needs = { ...proxy.needs, tools: [...IMAGE_TOOLS, ...(proxy.needs.tools ?? [])] };
  describeWith(needs, 'before a registry with users', () => {
    let proxied: ProxiedRegistry;
    let endpoint: EventEndpoint;

    beforeAll(async () => {
      endpoint = await EventEndpoint.start();
      proxied = await ProxiedRegistry.start(proxy, async (folder) => {
        const path = join(folder, 'users');
        await addUser(path, 'alice', 'secret');
        const { url } = endpoint;
        return {
          auth: { htpasswd: { realm: 'one', path } },
          notifications: { endpoints: [{ name: 'hook', url, backoff: '100ms' }] },
        };
      });
    });
    afterAll(async () => {
      await proxied.stop();
      await endpoint.stop();
    });

    const skopeo = async (...args: readonly string[]): Promise<Ended> =>
      runProgram(tool('skopeo'), ['--insecure-policy', 'copy', '--quiet', '--preserve-digests', ...args]);

    it('lets skopeo push and pull an image, whose layers it sends itself, and each pull is told', async () => {
      const images = await ensureImages();
      const [image, back] = [`docker://${proxied.host}/sk/debian:bookworm`, join(proxied.folder, 'back')];
      const pushed = [
        '--dest-tls-verify=false',
        '--dest-creds',
        'alice:secret',
        `oci:${images}/debian:bookworm`,
      ];
      expect(await skopeo(...pushed, image)).toMatchObject({ exitCode: 0 });
      const pulled = ['--src-tls-verify=false', '--src-creds', 'alice:secret', image];
      expect(await skopeo(...pulled, `oci:${back}:bookworm`)).toMatchObject({ exitCode: 0 });
      const digests = await new OciLayout(join(images, 'debian')).verifiedDigests('bookworm');
      expect(await new OciLayout(back).verifiedDigests('bookworm')).toEqual(digests);

      const isPull = ({ action, target }: WireEvent): boolean =>
        action === 'pull' && digests.includes(target.digest);
      const told = () => new Set(endpoint.events.filter(isPull).map(({ target }) => target.digest));
      await endpoint.until('every pull is told', () => told().size === digests.length);
      const isLarge = ({ target, request }: WireEvent): boolean =>
        request['method'] === 'GET' && Number(target['size']) > 64 * 1024;
      const layers = endpoint.events.filter((event) => isPull(event) && isLarge(event));
      expect(layers.length).toBeGreaterThan(0);
      for (const { request, actor } of layers) {
        expect(actor.name).toBe('alice');
        expect((await proxied.record(request['id'])).bytes).toBe(0);
      }
    });

    it('sends nothing to who has not signed in', async () => {
      const digest = digestOf(CONTENT);
      const authorization = `Basic ${Buffer.from('alice:secret').toString('base64')}`;
      const path = `/v2/team/app/blobs/uploads/?digest=${digest}`;
      const upload = { method: 'POST', path, headers: { authorization }, body: CONTENT };
      expect((await proxied.client.send(upload)).status).toBe(201);
      const signedIn = await proxied.client.send({ path: PATH, headers: { authorization } });
      expect([signedIn.status, signedIn.body.equals(CONTENT)]).toEqual([200, true]);
      const { status, headers } = await proxied.client.send({ path: PATH });
      expect([status, headers['www-authenticate']]).toEqual([401, 'Basic realm="one"']);
    });
  });
});

function compared({ headers }: Answer, but: readonly string[] = []): object {
  const left = Object.entries(headers).filter(([name]) => !NOT_COMPARED.has(name) && !but.includes(name));
  return Object.fromEntries(left);
}

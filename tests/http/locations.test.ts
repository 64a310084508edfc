import { afterEach, describe, expect, it } from 'vitest';
import { digestOf, errorCodes, type RawRequest } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';

const BLOB = 'a layer';
const BLOB_DIGEST = digestOf(BLOB);
const CONFIG = '{}';
const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', size: 2, digest: digestOf(CONFIG) },
  layers: [],
});
const TYPE = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };

/** Forged by a client, or added by a proxy that knows better: neither is believed. */
const FORWARDED = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example', host: 'evil.example' };

describe('where the registry is', () => {
  let registry: InProcessRegistry;
  afterEach(async () => registry.stop());

  it.each([
    ['by itself', {}, '/v2/', '/v2/'],
    ['below a prefix', { prefix: '/team/registry/' }, '/team/registry/v2/', '/team/registry/v2/'],
    ['behind a host', { host: 'https://registry.example.com/' }, '/v2/', 'https://registry.example.com/v2/'],
    [
      'behind a host with a path of its own',
      { prefix: '/inside/', host: 'https://example.com:8443/outside/' },
      '/inside/v2/',
      'https://example.com:8443/outside/v2/',
    ],
    [
      'behind a host that hides the prefix, as at the reference registry',
      { prefix: '/inside/', host: 'https://example.com/' },
      '/inside/v2/',
      'https://example.com/v2/',
    ],
  ])('%s stands in all that it says', async (_what, http, path, url) => {
    registry = await InProcessRegistry.start({ http });
    const send = async (request: RawRequest) =>
      registry.client.send({
        ...request,
        path: path + request.path,
        headers: { ...FORWARDED, ...request.headers },
      });

    expect((await send({ path: '' })).status).toBe(200);
    const begun = await send({ method: 'POST', path: 'team/app/blobs/uploads/' });
    const session = String(begun.headers.location);
    expect(session.slice(0, session.indexOf('uploads/'))).toBe(`${url}team/app/blobs/`);
    const way = session.slice(url.length);
    const chunk = await send({ method: 'PATCH', path: way, body: BLOB });
    expect(chunk.headers.location).toMatch(new RegExp(`^${url}team/app/blobs/uploads/[\\w-]+\\?_offset=7$`));
    const outOfOrder = await send({
      method: 'PATCH',
      path: way,
      headers: { 'content-range': '99-105' },
      body: BLOB,
    });
    expect([outOfOrder.status, outOfOrder.headers.location]).toEqual([416, chunk.headers.location]);
    const current = String(chunk.headers.location).slice(url.length);
    const status = await send({ path: current });
    expect([status.status, status.headers.location]).toEqual([204, chunk.headers.location]);
    const done = await send({ method: 'PUT', path: `${current}&digest=${BLOB_DIGEST}` });
    expect([done.status, done.headers.location]).toEqual([201, `${url}team/app/blobs/${BLOB_DIGEST}`]);

    const config = `team/app/blobs/uploads/?digest=${digestOf(CONFIG)}`;
    await send({ method: 'POST', path: config, body: CONFIG });
    for (const tag of ['a', 'b', 'c']) {
      const pushed = await send({
        method: 'PUT',
        path: `team/app/manifests/${tag}`,
        headers: TYPE,
        body: MANIFEST,
      });
      expect(pushed.headers.location).toBe(`${url}team/app/manifests/${digestOf(MANIFEST)}`);
    }
    const mount = `other/app/blobs/uploads/?mount=${BLOB_DIGEST}&from=team/app`;
    const mounted = await send({ method: 'POST', path: mount });
    expect([mounted.status, mounted.headers.location]).toEqual([201, `${url}other/app/blobs/${BLOB_DIGEST}`]);

    const tags = await send({ path: 'team/app/tags/list?n=2' });
    expect(tags.headers['link']).toBe(`<${url}team/app/tags/list?last=b&n=2>; rel="next"`);
    const catalog = await send({ path: '_catalog?n=1' });
    expect(catalog.headers['link']).toBe(`<${url}_catalog?last=other%2Fapp&n=1>; rel="next"`);
  });

  it.each(['/v2/', '/v2/_catalog', '/registry/', '/registryv2/', '/registry/v1/', '/REGISTRY/v2/'])(
    'is not at %s when it lies below /registry/',
    async (path) => {
      registry = await InProcessRegistry.start({ http: { prefix: '/registry/' } });
      const answer = await registry.client.send({ path });
      expect([answer.status, errorCodes(answer)]).toEqual([404, ['UNSUPPORTED']]);
      expect(answer.body.toString()).toContain('its protocol begins at /registry/v2/');
    },
  );

  it('lives at / whatever the prefix', async () => {
    registry = await InProcessRegistry.start({ http: { prefix: '/registry/' } });
    expect((await registry.client.send({ path: '/' })).status).toBe(200);
  });
});

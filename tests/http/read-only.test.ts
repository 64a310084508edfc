import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKENS as T } from '../../src/container/tokens.js';
import { digestOf, errorCodes, type HttpClient } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { pushImage } from '../support/registry-actions.js';

const ID = '0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f';

describe('a registry that has become read-only', () => {
  let registry: InProcessRegistry;
  let client: HttpClient;
  const digest = digestOf('config');

  beforeAll(async () => {
    registry = await InProcessRegistry.start();
    client = registry.client;
    await pushImage(client, 'app', 'v1', 'config');
    registry.container.get(T.readOnlyMode).enter('the disk is locked');
  });
  afterAll(async () => registry.stop());

  it.each([
    ['POST', '/v2/app/blobs/uploads/', 'OPTIONS'],
    ['PATCH', `/v2/app/blobs/uploads/${ID}`, 'GET, HEAD, OPTIONS'],
    ['PUT', `/v2/app/blobs/uploads/${ID}?digest=${digest}`, 'GET, HEAD, OPTIONS'],
    ['DELETE', `/v2/app/blobs/uploads/${ID}`, 'GET, HEAD, OPTIONS'],
    ['PUT', '/v2/app/manifests/v2', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/v2/app/manifests/v1', 'GET, HEAD, OPTIONS'],
    ['DELETE', `/v2/app/blobs/${digest}`, 'GET, HEAD, OPTIONS'],
  ])('refuses %s %s with the reason, and says what is left', async (method, path, allow) => {
    const answer = await client.send({ method, path, body: method === 'DELETE' ? '' : 'config' });
    expect([answer.status, errorCodes(answer), answer.headers.allow]).toEqual([405, ['UNSUPPORTED'], allow]);
    expect(answer.body.toString()).toContain('the disk is locked');
  });

  it.each([
    ['GET', '/v2/'],
    ['GET', '/v2/_catalog'],
    ['GET', '/v2/app/tags/list'],
    ['GET', '/v2/app/manifests/v1'],
    ['HEAD', '/v2/app/manifests/v1'],
    ['GET', `/v2/app/blobs/${digest}`],
  ])('still answers %s %s', async (method, path) => {
    expect((await client.send({ method, path })).status).toBe(200);
  });

  it('speaks of the method where the endpoint never knew it', async () => {
    const answer = await client.send({ method: 'DELETE', path: '/v2/_catalog' });
    expect(answer.status).toBe(405);
    expect(answer.body.toString()).toContain('does not know DELETE');
  });

  it('answers OPTIONS with the methods that are left', async () => {
    const answer = await client.send({ method: 'OPTIONS', path: '/v2/app/manifests/v1' });
    expect([answer.status, answer.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
  });
});

describe('storage.maintenance.readonly', () => {
  it('refuses pushes with 405, and lets pulls go on', async () => {
    const registry = await InProcessRegistry.start({
      storage: { maintenance: { readonly: { enabled: true } } },
    });
    try {
      const push = await registry.client.send({ method: 'POST', path: '/v2/app/blobs/uploads/' });
      expect([push.status, errorCodes(push)]).toEqual([405, ['UNSUPPORTED']]);
      expect(push.body.toString()).toContain('read-only for maintenance');
      expect((await registry.client.send({ path: '/v2/' })).status).toBe(200);
    } finally {
      await registry.stop();
    }
  });
});

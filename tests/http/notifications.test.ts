import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TOKENS as T } from '../../src/container/tokens.js';
import type { RegistryEvent } from '../../src/domain/events/registry-event.js';
import { endpointSettings, notificationSettings } from '../support/event-endpoint.js';
import { digestOf, USER_AGENT, type RawRequest } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { imageManifest, pushBlob, pushImage, putManifest } from '../support/registry-actions.js';

const OCTETS = 'application/octet-stream';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const hook = endpointSettings('hook', 'http://127.0.0.1:1/');
const IMAGE = imageManifest('config', { layers: ['layer'] });
const [IMAGE_DIGEST, LAYER] = [digestOf(IMAGE), digestOf('layer')];
const MISSING = digestOf('nobody has this');

let registry: InProcessRegistry;

async function start(...config: Parameters<typeof InProcessRegistry.start>): Promise<void> {
  registry = await InProcessRegistry.start(...config);
  await announceTo(hook);
}

async function announceTo(endpoint: typeof hook | undefined, includeReferences = false): Promise<void> {
  const dispatch = await registry.container.getAsync(T.eventDispatch);
  const settings = notificationSettings(...(endpoint === undefined ? [] : [endpoint]));
  await dispatch.replaceSettings({ ...settings, includeReferences });
}

/** What was written of the work, in its order. */
async function eventsOf(work: () => Promise<unknown>): Promise<readonly RegistryEvent[]> {
  const outbox = await registry.container.getAsync(T.outbox);
  const pulls = await registry.container.getAsync(T.pullEvents);
  await pulls.flush();
  const { newest } = outbox.end();
  await work();
  await pulls.flush();
  return outbox.after(newest, 1_000).flatMap(({ id }) => outbox.read(id) ?? []);
}

/** What tells events from one another: action, repository, tag, digest, media type and size. */
function shown({ action, target }: RegistryEvent): readonly unknown[] {
  return [action, target.repository, target.tag, target.digest, target.mediaType, target.size];
}

describe('events', () => {
  beforeEach(async () => {
    await start();
    await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
  });
  afterEach(async () => registry.stop());

  const manifest = `/v2/team/app/manifests`;
  const blob = `/v2/team/app/blobs/${LAYER}`;
  const size = IMAGE.length;

  it.each<[string, RawRequest, number, readonly (readonly unknown[])[]]>([
    [
      'a manifest by tag',
      { path: `${manifest}/v1` },
      200,
      [['pull', 'team/app', 'v1', IMAGE_DIGEST, MANIFEST, size]],
    ],
    [
      'a manifest by digest',
      { path: `${manifest}/${IMAGE_DIGEST}` },
      200,
      [['pull', 'team/app', undefined, IMAGE_DIGEST, MANIFEST, size]],
    ],
    [
      'HEAD of a manifest',
      { method: 'HEAD', path: `${manifest}/v1` },
      200,
      [['pull', 'team/app', 'v1', IMAGE_DIGEST, MANIFEST, size]],
    ],
    [
      'a manifest that the client has',
      { path: `${manifest}/v1`, headers: { 'if-none-match': `"${IMAGE_DIGEST}"` } },
      304,
      [],
    ],
    [
      'HEAD of a manifest that the client has',
      { method: 'HEAD', path: `${manifest}/v1`, headers: { 'if-none-match': `"${IMAGE_DIGEST}"` } },
      304,
      [],
    ],
    ['a manifest that is not there', { path: `${manifest}/none` }, 404, []],
    ['a blob', { path: blob }, 200, [['pull', 'team/app', undefined, LAYER, OCTETS, 5]]],
    [
      'a part of a blob',
      { path: blob, headers: { range: 'bytes=0-1' } },
      206,
      [['pull', 'team/app', undefined, LAYER, OCTETS, 5]],
    ],
    ['a part that a blob does not have', { path: blob, headers: { range: 'bytes=99-' } }, 416, []],
    [
      'HEAD of a blob',
      { method: 'HEAD', path: blob },
      200,
      [['pull', 'team/app', undefined, LAYER, OCTETS, 5]],
    ],
    [
      'a blob that the client has',
      { path: blob, headers: { 'if-none-match': `"${LAYER}"` } },
      304,
      [['pull', 'team/app', undefined, LAYER, OCTETS, 5]],
    ],
    ['a blob that is not there', { path: `/v2/team/app/blobs/${MISSING}` }, 404, []],
    ['tags', { path: '/v2/team/app/tags/list' }, 200, []],
    [
      'a mount',
      { method: 'POST', path: `/v2/other/uploads-of/blobs/uploads/?mount=${LAYER}&from=team/app` },
      201,
      [['mount', 'other/uploads-of', undefined, LAYER, OCTETS, 5]],
    ],
    ['a mount from nowhere', { method: 'POST', path: `/v2/other/blobs/uploads/?mount=${MISSING}` }, 202, []],
    [
      'a blob in one request',
      {
        method: 'POST',
        path: `/v2/other/blobs/uploads/?digest=${digestOf('new')}`,
        headers: { 'content-type': OCTETS },
        body: 'new',
      },
      201,
      [['push', 'other', undefined, digestOf('new'), OCTETS, 3]],
    ],
    [
      'a blob that the registry has',
      {
        method: 'POST',
        path: `/v2/other/blobs/uploads/?digest=${LAYER}`,
        headers: { 'content-type': OCTETS },
        body: 'layer',
      },
      201,
      [['push', 'other', undefined, LAYER, OCTETS, 5]],
    ],
    [
      'a blob with another digest',
      {
        method: 'POST',
        path: `/v2/other/blobs/uploads/?digest=${LAYER}`,
        headers: { 'content-type': OCTETS },
        body: 'wrong',
      },
      400,
      [],
    ],
    [
      'a delete of a tag',
      { method: 'DELETE', path: `${manifest}/v1` },
      202,
      [['delete', 'team/app', 'v1', '', '', 0]],
    ],
    ['a delete of a tag that is not there', { method: 'DELETE', path: `${manifest}/none` }, 404, []],
    [
      'a delete of a manifest, and of its tags with it',
      { method: 'DELETE', path: `${manifest}/${IMAGE_DIGEST}` },
      202,
      [
        ['delete', 'team/app', undefined, IMAGE_DIGEST, '', 0],
        ['delete', 'team/app', 'v1', '', '', 0],
      ],
    ],
    ['a delete of a blob that a manifest needs', { method: 'DELETE', path: blob }, 403, []],
  ])('of %s', async (_what, request, status, expected) => {
    const events = await eventsOf(async () => {
      expect((await registry.client.send(request)).status).toBe(status);
    });
    expect(events.map(shown)).toEqual(expected);
  });

  it('of an upload in chunks come once, with the request that closes it', async () => {
    const { client } = registry;
    const digest = digestOf('a'.repeat(100_000));
    let close: RawRequest | undefined;
    const events = await eventsOf(async () => {
      const started = await client.send({ method: 'POST', path: '/v2/team/app/blobs/uploads/' });
      const path = String(started.headers.location);
      const sent = await client.send({
        method: 'PATCH',
        path,
        headers: { 'content-type': OCTETS },
        body: 'a'.repeat(100_000),
      });
      close = { method: 'PUT', path: `${String(sent.headers.location)}&digest=${digest}` };
      expect((await client.send(close)).status).toBe(201);
      expect((await client.send(close)).status).toBe(201);
    });
    expect(events.map(shown)).toEqual([['push', 'team/app', undefined, digest, OCTETS, 100_000]]);
    expect(events[0]?.request.method).toBe('PUT');
  });

  it('of a delete of a blob tell its digest alone', async () => {
    const digest = await pushBlob(registry.client, 'team/app', 'loose');
    const events = await eventsOf(() =>
      registry.client.send({ method: 'DELETE', path: `/v2/team/app/blobs/${digest}` }),
    );
    expect(events.map(shown)).toEqual([['delete', 'team/app', undefined, digest, '', 0]]);
    expect(events[0]?.target.url).toBeUndefined();
  });

  it('of a manifest come whether it was there or not, with the tag by which it was pushed', async () => {
    const events = await eventsOf(async () => {
      await putManifest(registry.client, 'team/app', 'v2', IMAGE);
      await putManifest(registry.client, 'team/app', 'v2', IMAGE);
      await putManifest(registry.client, 'team/app', IMAGE_DIGEST, IMAGE);
    });
    expect(events.map(({ action, target }) => [action, target.tag])).toEqual([
      ['push', 'v2'],
      ['push', 'v2'],
      ['push', undefined],
    ]);
  });

  it('of a push that moves several tags are as many as there are tags', async () => {
    const events = await eventsOf(() =>
      putManifest(registry.client, 'team/app', `${IMAGE_DIGEST}?tag=a&tag=b`, IMAGE),
    );
    expect(events.map(({ target }) => target.tag)).toEqual(['a', 'b']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });

  it('of a refused manifest do not come', async () => {
    const events = await eventsOf(async () => {
      const answer = await putManifest(
        registry.client,
        'team/app',
        'bad',
        imageManifest('nobody has this config'),
      );
      expect(answer.status).toBe(400);
    });
    expect(events).toEqual([]);
  });

  it('tell who asked, where, and where the content is', async () => {
    const [event] = await eventsOf(() =>
      registry.client.send({
        path: `${manifest}/v1`,
        headers: { authorization: `Basic ${btoa('alice:secret')}`, 'x-request-id': 'mine' },
      }),
    );
    const host = `127.0.0.1:${registry.port}`;
    expect(event).toMatchObject({
      actor: 'alice',
      request: {
        id: 'mine',
        host,
        method: 'GET',
        userAgent: USER_AGENT,
        addr: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      },
      target: { url: `http://${host}/v2/team/app/manifests/${IMAGE_DIGEST}` },
    });
    expect(event?.source.addr).toMatch(/:0$/);
    expect(JSON.stringify(event)).not.toContain('secret');
  });

  it('tell where a blob was mounted from, also when the client has not said', async () => {
    const events = await eventsOf(async () => {
      await registry.client.send({
        method: 'POST',
        path: `/v2/one/blobs/uploads/?mount=${LAYER}&from=team/app`,
      });
      await registry.client.send({ method: 'POST', path: `/v2/two/blobs/uploads/?mount=${LAYER}` });
    });
    expect(events.map(({ target }) => [target.repository, target.fromRepository !== undefined])).toEqual([
      ['one', true],
      ['two', true],
    ]);
    expect(events[0]?.target.fromRepository).toBe('team/app');
  });

  it('tell what a manifest references when it is wanted', async () => {
    await announceTo(hook, true);
    const events = await eventsOf(async () => {
      await putManifest(registry.client, 'team/app', 'v1', IMAGE);
      await registry.client.send({ method: 'HEAD', path: `${manifest}/v1` });
    });
    const digests = [digestOf('config'), LAYER];
    expect(
      events.map(({ action, target }) => [action, target.references?.map(({ digest }) => digest)]),
    ).toEqual([
      ['push', digests],
      ['pull', digests],
    ]);
  });

  it('are not written when nobody wants them', async () => {
    await announceTo({ ...hook, ignore: { mediaTypes: [OCTETS], actions: ['pull', 'delete'] } });
    const events = await eventsOf(async () => {
      await pushImage(registry.client, 'team/app', 'v3', 'another config');
      await registry.client.send({ path: `${manifest}/v3` });
      await registry.client.send({ method: 'DELETE', path: `${manifest}/v3` });
    });
    expect(events.map(({ action, target }) => [action, target.tag])).toEqual([['push', 'v3']]);
    await announceTo(undefined);
    expect(await eventsOf(() => pushImage(registry.client, 'team/app', 'v4', 'a third one'))).toEqual([]);
  });
});

describe('the URL in an event', () => {
  afterEach(async () => registry.stop());

  const urlOf = async (headers: Readonly<Record<string, string>>): Promise<string | undefined> => {
    const digest = digestOf('x');
    const path = `/v2/app/blobs/uploads/?digest=${digest}`;
    await registry.client.send({ method: 'POST', path, headers: { 'content-type': OCTETS }, body: 'x' });
    const [event] = await eventsOf(() => registry.client.send({ path: `/v2/app/blobs/${digest}`, headers }));
    return event?.target.url?.replace(/\/v2\/.*/, '');
  };

  it('begins with http.host where that is set', async () => {
    await start({ http: { host: 'https://registry.example.com/sub/' } });
    expect(await urlOf({ 'x-forwarded-proto': 'http' })).toBe('https://registry.example.com/sub');
  });

  it('is what the client has asked, which a proxy tells', async () => {
    await start({});
    expect(await urlOf({ host: 'registry.example.com' })).toBe('http://registry.example.com');
    expect(
      await urlOf({
        host: 'inside:5000',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'outside, inside',
      }),
    ).toBe('https://outside');
    expect(await urlOf({ host: 'h', 'x-forwarded-proto': 'gopher' })).toBe('http://h');
  });

  it('follows only the proxies that are trusted, where any are named', async () => {
    await start({ http: { trustedproxies: ['192.0.2.1'] } });
    expect(await urlOf({ host: 'h', 'x-forwarded-proto': 'https' })).toBe('http://h');
    await registry.stop();
    await start({ http: { trustedproxies: ['127.0.0.1'] } });
    expect(await urlOf({ host: 'h', 'x-forwarded-proto': 'https' })).toBe('https://h');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '../../src/domain/content/media-type.js';
import { digestOf, errorCodes, type HttpClient } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import {
  imageManifest,
  indexManifest,
  pushBlob,
  pushImage,
  putManifest,
} from '../support/registry-actions.js';

const LIMIT = 4 * 1024 * 1024;

describe('manifests', () => {
  let registry: InProcessRegistry;
  let client: HttpClient;

  beforeAll(async () => {
    registry = await InProcessRegistry.start();
    client = registry.client;
  });
  afterAll(async () => registry.stop());

  const at = (repository: string, reference: string): string => `/v2/${repository}/manifests/${reference}`;

  it('are given byte for byte, by tag and by digest, with the type they were pushed with', async () => {
    await pushBlob(client, 'm/a', 'config');
    const manifest = `${imageManifest('config').replace('{', '{ "x-own" : [1, 2],\n')}\n`;
    const digest = digestOf(manifest);
    const pushed = await putManifest(client, 'm/a', 'v1', manifest);
    expect(pushed.status).toBe(201);
    expect(pushed.headers.location).toBe(at('m/a', digest));
    expect(pushed.headers['docker-content-digest']).toBe(digest);
    for (const reference of ['v1', digest]) {
      const { status, headers, body } = await client.send({ path: at('m/a', reference) });
      expect([status, body.toString()]).toEqual([200, manifest]);
      expect(headers).toMatchObject({
        'content-type': MEDIA_TYPES.ociManifest,
        'content-length': String(Buffer.byteLength(manifest)),
        'docker-content-digest': digest,
        etag: `"${digest}"`,
      });
    }
  });

  it('answer HEAD with the headers of GET, and no body', async () => {
    await pushImage(client, 'm/head', 'v1', 'config');
    const path = at('m/head', 'v1');
    const { date: _d1, 'x-request-id': _r1, ...get } = (await client.send({ path })).headers;
    const answer = await client.send({ method: 'HEAD', path });
    const { date: _d2, 'x-request-id': _r2, ...head } = answer.headers;
    expect(head).toEqual(get);
    expect(answer.body.length).toBe(0);
  });

  it.each([undefined, 'text/plain', '*/*', MEDIA_TYPES.dockerManifest])(
    'are given whatever Accept says: %s',
    async (accept) => {
      await pushImage(client, 'm/accept', 'v1', 'config');
      const headers: Record<string, string> = accept === undefined ? {} : { accept };
      const answer = await client.send({ path: at('m/accept', 'v1'), headers });
      expect([answer.status, answer.headers['content-type']]).toEqual([200, MEDIA_TYPES.ociManifest]);
    },
  );

  it('answer 304 to If-None-Match', async () => {
    const manifest = await pushImage(client, 'm/etag', 'v1', 'config');
    const headers = { 'if-none-match': `"${digestOf(manifest)}"` };
    for (const method of ['GET', 'HEAD']) {
      expect((await client.send({ method, path: at('m/etag', 'v1'), headers })).status).toBe(304);
    }
  });

  it('are taken as Docker and OCI images, lists, indexes, nested indexes and artifacts', async () => {
    const image = await pushImage(client, 'm/kinds', 'image', 'config', { layers: ['layer'] });
    const docker = image.replace(MEDIA_TYPES.ociManifest, MEDIA_TYPES.dockerManifest);
    expect((await putManifest(client, 'm/kinds', 'docker', docker, MEDIA_TYPES.dockerManifest)).status).toBe(
      201,
    );
    const index = indexManifest([image]);
    expect((await putManifest(client, 'm/kinds', 'index', index, MEDIA_TYPES.ociIndex)).status).toBe(201);
    const list = indexManifest([image]).replace(MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerManifestList);
    expect((await putManifest(client, 'm/kinds', 'list', list, MEDIA_TYPES.dockerManifestList)).status).toBe(
      201,
    );
    const nested = indexManifest([index]);
    expect((await putManifest(client, 'm/kinds', 'nested', nested, MEDIA_TYPES.ociIndex)).status).toBe(201);
    const got = await client.send({ path: at('m/kinds', 'docker') });
    expect(got.headers['content-type']).toBe(MEDIA_TYPES.dockerManifest);
  });

  it('are taken with foreign layers that exist nowhere', async () => {
    await pushBlob(client, 'm/foreign', 'config');
    const manifest = imageManifest('config', { layers: ['elsewhere'] }).replace(
      'application/vnd.oci.image.layer.v1.tar',
      'application/vnd.oci.image.layer.nondistributable.v1.tar',
    );
    expect((await putManifest(client, 'm/foreign', 'v1', manifest)).status).toBe(201);
  });

  it('may list blobs as children, as old build caches do', async () => {
    await pushBlob(client, 'm/cache', 'cache layer');
    const index = indexManifest(['cache layer']);
    expect((await putManifest(client, 'm/cache', 'v1', index, MEDIA_TYPES.ociIndex)).status).toBe(201);
  });

  it('are refused when they reference what is not there, each missing digest named', async () => {
    await pushBlob(client, 'm/missing', 'config');
    const manifest = imageManifest('config', { layers: ['one', 'two'] });
    const answer = await putManifest(client, 'm/missing', 'v1', manifest);
    expect(answer.status).toBe(400);
    expect(errorCodes(answer)).toEqual(['MANIFEST_BLOB_UNKNOWN', 'MANIFEST_BLOB_UNKNOWN']);
    for (const layer of ['one', 'two']) expect(answer.body.toString()).toContain(digestOf(layer));
    expect((await client.send({ path: at('m/missing', 'v1') })).status).toBe(404);
    const index = await putManifest(
      client,
      'm/missing',
      'i',
      indexManifest(['nowhere']),
      MEDIA_TYPES.ociIndex,
    );
    expect([index.status, errorCodes(index)]).toEqual([400, ['MANIFEST_BLOB_UNKNOWN']]);
  });

  it('are taken with missing references where the configuration says so', async () => {
    const sparse = await InProcessRegistry.start({ validation: { sparse: true } });
    try {
      const manifest = imageManifest('absent config', { layers: ['absent'] });
      expect((await putManifest(sparse.client, 'm/sparse', 'v1', manifest)).status).toBe(201);
      const got = await sparse.client.send({ path: at('m/sparse', 'v1') });
      expect(got.body.toString()).toBe(manifest);
    } finally {
      await sparse.stop();
    }
  });

  it('are refused under a digest that is not theirs, and under malformed references', async () => {
    const manifest = await pushImage(client, 'm/refs', 'v1', 'config');
    const wrong = await putManifest(client, 'm/refs', digestOf('other'), manifest);
    expect([wrong.status, errorCodes(wrong)]).toEqual([400, ['DIGEST_INVALID']]);
    const malformed = await putManifest(client, 'm/refs', 'sha256:zz', manifest);
    expect([malformed.status, errorCodes(malformed)]).toEqual([400, ['DIGEST_INVALID']]);
    const tag = await putManifest(client, 'm/refs', '.hidden', manifest);
    expect([tag.status, errorCodes(tag)]).toEqual([400, ['TAG_INVALID']]);
  });

  it('are looked for under malformed references: 404 for a tag, 400 for a digest', async () => {
    const tag = await client.send({ path: at('m/refs', '.INVALID_MANIFEST_NAME') });
    expect([tag.status, errorCodes(tag)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
    const digest = await client.send({ path: at('m/refs', 'sha256:totallywrong') });
    expect([digest.status, errorCodes(digest)]).toEqual([400, ['DIGEST_INVALID']]);
  });

  it('may be addressed in sha512, and keep that digest by tag', async () => {
    await pushBlob(client, 'm/512', 'config');
    const manifest = imageManifest('config');
    const digest = digestOf(manifest, 'sha512');
    expect((await putManifest(client, 'm/512', digest, manifest)).headers['docker-content-digest']).toBe(
      digest,
    );
    expect((await client.send({ path: at('m/512', digest) })).headers['docker-content-digest']).toBe(digest);
    expect((await client.send({ path: at('m/512', digestOf(manifest)) })).status).toBe(404);
    const tagged = await client.send({
      method: 'PUT',
      path: `${at('m/512', digest)}?tag=long`,
      headers: { 'content-type': MEDIA_TYPES.ociManifest },
      body: manifest,
    });
    expect(tagged.headers['oci-tag']).toBe('long');
    expect((await client.send({ path: at('m/512', 'long') })).headers['docker-content-digest']).toBe(digest);
  });

  it('take tag parameters with a push by digest, all or none', async () => {
    await pushBlob(client, 'm/tags', 'config');
    const manifest = imageManifest('config');
    const tags = Array.from({ length: 12 }, (_, n) => `t${n}`);
    const send = async (query: string): Promise<ReturnType<HttpClient['send']>> =>
      client.send({
        method: 'PUT',
        path: `${at('m/tags', digestOf(manifest))}?${query}`,
        headers: { 'content-type': MEDIA_TYPES.ociManifest },
        body: manifest,
      });
    const bad = await send('tag=good&tag=.bad');
    expect([bad.status, errorCodes(bad)]).toEqual([400, ['TAG_INVALID']]);
    expect((await client.send({ path: at('m/tags', 'good') })).status).toBe(404);
    const answer = await send(tags.map((tag) => `tag=${tag}`).join('&'));
    expect([answer.status, String(answer.headers['oci-tag']).split(', ')]).toEqual([201, tags]);
    for (const tag of tags) expect((await client.send({ path: at('m/tags', tag) })).status).toBe(200);
    const beside = await client.send({
      method: 'PUT',
      path: `${at('m/tags', 'v1')}?tag=v2`,
      headers: { 'content-type': MEDIA_TYPES.ociManifest },
      body: manifest,
    });
    expect(beside.status).toBe(400);
  });

  it('may have 4 MiB and not a byte more, with a length and without', async () => {
    await pushBlob(client, 'm/size', 'config');
    const empty = imageManifest('config', { annotations: { x: '' } });
    const fits = imageManifest('config', { annotations: { x: 'x'.repeat(LIMIT - empty.length) } });
    expect(fits.length).toBe(LIMIT);
    expect((await putManifest(client, 'm/size', 'fits', fits)).status).toBe(201);
    expect((await client.send({ path: at('m/size', 'fits') })).body.length).toBe(LIMIT);
    for (const chunked of [false, true]) {
      const answer = await client.send({
        method: 'PUT',
        path: at('m/size', 'large'),
        headers: { 'content-type': MEDIA_TYPES.ociManifest },
        body: `${fits} `,
        chunked,
      });
      expect([answer.status, errorCodes(answer)]).toEqual([413, ['SIZE_INVALID']]);
    }
  });

  it.each([
    ['no JSON', '{'],
    ['a repeated key', '{"schemaVersion":2,"schemaVersion":2}'],
    ['nothing', ''],
    ['deep nesting', `{"a":${'['.repeat(200_000)}`],
  ])('are refused when they are %s', async (_what, body) => {
    const answer = await putManifest(client, 'm/bad', 'v1', body);
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['MANIFEST_INVALID']]);
  });

  it('are refused with another type than their own, and with one that is none of a manifest', async () => {
    await pushBlob(client, 'm/type', 'config');
    const manifest = imageManifest('config');
    for (const type of [MEDIA_TYPES.ociIndex, 'application/json', 'application/x-www-form-urlencoded']) {
      const answer = await putManifest(client, 'm/type', 'v1', manifest, type);
      expect([type, answer.status, errorCodes(answer)]).toEqual([type, 400, ['MANIFEST_INVALID']]);
    }
  });

  it('are deleted by digest with all their tags', async () => {
    const manifest = await pushImage(client, 'm/delete', 'a', 'config');
    await putManifest(client, 'm/delete', 'b', manifest);
    const digest = digestOf(manifest);
    expect((await client.send({ method: 'DELETE', path: at('m/delete', digest) })).status).toBe(202);
    for (const reference of ['a', 'b', digest]) {
      expect((await client.send({ path: at('m/delete', reference) })).status).toBe(404);
    }
    const again = await client.send({ method: 'DELETE', path: at('m/delete', digest) });
    expect([again.status, errorCodes(again)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
    expect((await putManifest(client, 'm/delete', 'a', manifest)).status).toBe(201);
  });

  it('stay when a tag of theirs is deleted', async () => {
    const manifest = await pushImage(client, 'm/untag', 'a', 'config');
    expect((await client.send({ method: 'DELETE', path: at('m/untag', 'a') })).status).toBe(202);
    expect((await client.send({ path: at('m/untag', 'a') })).status).toBe(404);
    expect((await client.send({ path: at('m/untag', digestOf(manifest)) })).status).toBe(200);
    expect((await client.send({ method: 'DELETE', path: at('m/untag', 'a') })).status).toBe(404);
  });

  it('are not deleted while an index lists them; the refusal names it', async () => {
    const image = await pushImage(client, 'm/listed', undefined, 'config');
    const index = indexManifest([image]);
    await putManifest(client, 'm/listed', 'v1', index, MEDIA_TYPES.ociIndex);
    const refused = await client.send({ method: 'DELETE', path: at('m/listed', digestOf(image)) });
    expect([refused.status, errorCodes(refused)]).toEqual([403, ['DENIED']]);
    expect(refused.body.toString()).toContain(digestOf(index));
    expect((await client.send({ method: 'DELETE', path: at('m/listed', digestOf(index)) })).status).toBe(202);
    expect((await client.send({ method: 'DELETE', path: at('m/listed', digestOf(image)) })).status).toBe(202);
  });

  it('are moved to by a tag, again and again', async () => {
    const [one, two] = [
      await pushImage(client, 'm/move', 'latest', 'one'),
      await pushImage(client, 'm/move', 'latest', 'two'),
    ];
    expect((await client.send({ path: at('m/move', 'latest') })).body.toString()).toBe(two);
    await putManifest(client, 'm/move', 'latest', one);
    expect((await client.send({ path: at('m/move', 'latest') })).body.toString()).toBe(one);
  });

  it('can not be deleted where deleting is switched off', async () => {
    const closed = await InProcessRegistry.start({ storage: { delete: { enabled: false } } });
    try {
      const manifest = await pushImage(closed.client, 'm/keep', 'v1', 'config');
      for (const path of [
        at('m/keep', 'v1'),
        at('m/keep', digestOf(manifest)),
        `/v2/m/keep/blobs/${digestOf('config')}`,
      ]) {
        const answer = await closed.client.send({ method: 'DELETE', path });
        expect([answer.status, errorCodes(answer)]).toEqual([405, ['UNSUPPORTED']]);
      }
    } finally {
      await closed.stop();
    }
  });
});

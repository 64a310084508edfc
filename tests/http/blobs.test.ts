import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKENS as T } from '../../src/container/tokens.js';
import { Digest } from '../../src/domain/content/digest.js';
import { blobPath } from '../../src/infrastructure/storage/layout/paths.js';
import { digestOf, errorCodes, type HttpClient } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';

const CONTENT = Buffer.alloc(200_000, 'stowage ');

describe('blobs', () => {
  let registry: InProcessRegistry;
  let client: HttpClient;
  let digest: string;
  let path: string;

  beforeAll(async () => {
    registry = await InProcessRegistry.start();
    client = registry.client;
    digest = await pushBlob(client, 'team/app', CONTENT);
    path = `/v2/team/app/blobs/${digest}`;
  });
  afterAll(async () => registry.stop());

  it('gives the bytes with digest, length, entity tag and the type of any bytes', async () => {
    const { status, headers, body } = await client.send({ path });
    expect(status).toBe(200);
    expect(body.equals(CONTENT)).toBe(true);
    expect(headers).toMatchObject({
      'content-length': String(CONTENT.length),
      'content-type': 'application/octet-stream',
      'docker-content-digest': digest,
      etag: `"${digest}"`,
      'accept-ranges': 'bytes',
      'docker-distribution-api-version': 'registry/2.0',
    });
  });

  it('answers HEAD with the headers of GET, and no body', async () => {
    const { date: _d1, 'x-request-id': _r1, ...get } = (await client.send({ path })).headers;
    const answer = await client.send({ method: 'HEAD', path });
    const { date: _d2, 'x-request-id': _r2, ...head } = answer.headers;
    expect(head).toEqual(get);
    expect(answer.body.length).toBe(0);
  });

  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=500-1499', 500, 1499],
    ['bytes=199000-', 199_000, 199_999],
    ['bytes=-500', 199_500, 199_999],
    ['bytes=1000-999999', 1000, 199_999],
  ])('gives the range %s', async (range, start, end) => {
    const { status, headers, body } = await client.send({ path, headers: { range } });
    expect(status).toBe(206);
    expect(headers['content-range']).toBe(`bytes ${start}-${end}/${CONTENT.length}`);
    expect(headers['content-length']).toBe(String(end - start + 1));
    expect(body.equals(CONTENT.subarray(start, end + 1))).toBe(true);
  });

  it.each(['bytes=200000-', 'bytes=500-0'])('answers %s with 416 and the size', async (range) => {
    const answer = await client.send({ path, headers: { range } });
    expect([answer.status, answer.headers['content-range']]).toEqual([416, `bytes */${CONTENT.length}`]);
    expect(errorCodes(answer)).toEqual(['SIZE_INVALID']);
  });

  it.each(['bytes=0-1,3-4', 'items=0-1', 'bytes=x'])('gives everything for the range %s', async (range) => {
    const answer = await client.send({ path, headers: { range } });
    expect([answer.status, answer.body.length]).toEqual([200, CONTENT.length]);
  });

  it('gives an empty blob whole, whatever the range: some clients always send one', async () => {
    const empty = await pushBlob(client, 'ranges/empty', '');
    const answer = await client.send({
      path: `/v2/ranges/empty/blobs/${empty}`,
      headers: { range: 'bytes=0-' },
    });
    expect([answer.status, answer.headers['content-length']]).toEqual([200, '0']);
  });

  it('gives a range only to the content that If-Range names', async () => {
    const range = 'bytes=0-9';
    const same = await client.send({ path, headers: { range, 'if-range': `"${digest}"` } });
    expect(same.status).toBe(206);
    const other = await client.send({ path, headers: { range, 'if-range': '"other"' } });
    expect(other.status).toBe(200);
  });

  it('takes no notice of a range under HEAD', async () => {
    const answer = await client.send({ method: 'HEAD', path, headers: { range: 'bytes=0-9' } });
    expect([answer.status, answer.headers['content-length']]).toEqual([200, String(CONTENT.length)]);
  });

  it.each(['"x", W/"{}"', '"{}"', '*', '{}'])('answers 304 to If-None-Match %s', async (pattern) => {
    const header = { 'if-none-match': pattern.replace('{}', digest) };
    for (const method of ['GET', 'HEAD']) {
      const answer = await client.send({ method, path, headers: header });
      expect([answer.status, answer.body.length, answer.headers.etag]).toEqual([304, 0, `"${digest}"`]);
    }
  });

  describe('of at most 64 KiB, which are kept once they were pulled', () => {
    const SMALL = Buffer.alloc(64 * 1024, 'small ');
    const of = (content: Buffer) => `/v2/team/small/blobs/${digestOf(content)}`;

    it('are the same the first time and from memory, whole and in parts, with the headers of HEAD', async () => {
      await pushBlob(client, 'team/small', SMALL);
      for (let times = 0; times < 2; times += 1) {
        const {
          date: _d1,
          'x-request-id': _r1,
          ...head
        } = (await client.send({ method: 'HEAD', path: of(SMALL) })).headers;
        const whole = await client.send({ path: of(SMALL) });
        const { date: _d2, 'x-request-id': _r2, ...get } = whole.headers;
        expect([whole.status, whole.body.equals(SMALL), get]).toEqual([200, true, head]);
        const part = await client.send({ path: of(SMALL), headers: { range: 'bytes=-3' } });
        expect([part.status, part.headers['content-range']]).toEqual([206, 'bytes 65533-65535/65536']);
        expect(part.body.equals(SMALL.subarray(-3))).toBe(true);
      }
    });

    it('are not given to a repository that has not got them, or no longer', async () => {
      const content = Buffer.from('kept for one repository');
      await pushBlob(client, 'team/small', content);
      expect((await client.send({ path: of(content) })).status).toBe(200);
      expect((await client.send({ path: of(content).replace('small', 'other') })).status).toBe(404);
      expect((await client.send({ method: 'DELETE', path: of(content) })).status).toBe(202);
      expect((await client.send({ path: of(content) })).status).toBe(404);
    });

    it('are refused when their file has other bytes, and not when it is whole again', async () => {
      const content = Buffer.from('what rots');
      const file = blobPath(Digest.parse(await pushBlob(client, 'team/small', content)));
      await registry.container.get(T.storageDriver).putContent(file, Buffer.from('what rotS'));
      const answer = await client.send({ path: of(content) });
      expect([answer.status, errorCodes(answer)]).toEqual([500, ['UNKNOWN']]);
      expect(answer.body.toString()).not.toContain('rotS');
      expect((registry.errors as string[]).splice(0)).toEqual([
        expect.stringContaining('is damaged: there is a file whose bytes have'),
      ]);
      await registry.container.get(T.storageDriver).putContent(file, content);
      expect((await client.send({ path: of(content) })).body.equals(content)).toBe(true);
    });
  });

  it('has a blob in one repository and not in another', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await client.send({ method, path: `/v2/team/other/blobs/${digest}` });
      expect(answer.status).toBe(404);
      if (method === 'GET') expect(errorCodes(answer)).toEqual(['BLOB_UNKNOWN']);
    }
  });

  it.each(['GET', 'HEAD', 'DELETE'])('refuses a malformed digest under %s with 400', async (method) => {
    const answer = await client.send({ method, path: '/v2/team/app/blobs/sha256:zz' });
    expect(answer.status).toBe(400);
    if (method !== 'HEAD') expect(errorCodes(answer)).toEqual(['DIGEST_INVALID']);
  });

  it('deletes a blob from one repository and leaves it in another', async () => {
    const content = 'in two places';
    const gone = await pushBlob(client, 'delete/one', content);
    await pushBlob(client, 'delete/two', content);
    const target = `/v2/delete/one/blobs/${gone}`;
    expect((await client.send({ method: 'DELETE', path: target })).status).toBe(202);
    expect((await client.send({ path: target })).status).toBe(404);
    expect((await client.send({ method: 'DELETE', path: target })).status).toBe(404);
    expect((await client.send({ path: `/v2/delete/two/blobs/${gone}` })).body.toString()).toBe(content);
    await pushBlob(client, 'delete/one', content);
    expect((await client.send({ path: target })).status).toBe(200);
  });

  it('refuses to delete a blob that a manifest needs, and names the manifest', async () => {
    const manifest = await pushImage(client, 'delete/held', 'v1', 'config', { layers: ['layer'] });
    const answer = await client.send({
      method: 'DELETE',
      path: `/v2/delete/held/blobs/${digestOf('layer')}`,
    });
    expect([answer.status, errorCodes(answer)]).toEqual([403, ['DENIED']]);
    expect(answer.body.toString()).toContain(digestOf(manifest));
    await client.send({ method: 'DELETE', path: `/v2/delete/held/manifests/${digestOf(manifest)}` });
    const after = await client.send({
      method: 'DELETE',
      path: `/v2/delete/held/blobs/${digestOf('layer')}`,
    });
    expect(after.status).toBe(202);
  });
});

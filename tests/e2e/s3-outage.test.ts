import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { FaultyS3, type S3Fault, type SeenRequest } from '../support/faulty-s3.js';
import { digestOf, errorCodes, type Answer } from '../support/http-client.js';
import { imageManifest, pushBlob, pushImage, putManifest } from '../support/registry-actions.js';
import { NEEDS_RGW, useRgwBucket } from '../support/rgw.js';
import { s3Section } from '../support/s3-section.js';
import { onBucket, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const isBytes = ({ method, url }: SeenRequest) => method === 'GET' && url.endsWith('/data');
/** More than is kept in memory. */
const LARGE = Buffer.alloc(12 * 1024 ** 2, 'the bytes of a large layer ');

const OUTAGES: readonly (readonly [string, S3Fault])[] = [
  ['answers 500', { kind: 'answer', status: 500, code: 'InternalError' }],
  ['answers 503', { kind: 'answer', status: 503, code: 'ServiceUnavailable' }],
  ['asks for fewer requests', { kind: 'answer', status: 503, code: 'SlowDown' }],
  ['cuts each connection', { kind: 'cut', forward: false }],
  ['cuts each connection when it has done what it was asked for', { kind: 'cut', forward: true }],
  ['does not know the key any more', { kind: 'answer', status: 403, code: 'InvalidAccessKeyId' }],
];

describeWith(NEEDS_RGW, 'the program over a bucket that does wrong', () => {
  const bucket = useRgwBucket();
  let store: FaultyS3;
  let temp: TempDir;
  let registry: RunningRegistry;
  let large: string;
  let number = 0;

  beforeAll(async () => {
    store = await FaultyS3.before(bucket().port);
    temp = await makeTempDir();
    const section = { ...s3Section(bucket(), 'outage'), regionendpoint: store.endpoint };
    registry = await RunningRegistry.start({ folder: temp.path, settings: onBucket(temp.path, section) });
    await pushImage(registry.client, 'app', 'v1', 'config', { layers: ['layer'] });
    large = await pushBlob(registry.client, 'app', LARGE);
  });
  afterEach(() => store.heal());
  afterAll(async () => {
    // All of it was one process, which nothing has ended.
    expect(await registry.stop()).toBe(0);
    await store.close();
    await temp.remove();
  });

  const get = async (path: string) => registry.client.send({ path });
  const push = async (content: string): Promise<Answer> =>
    registry.client.send({
      method: 'POST',
      path: `/v2/app/blobs/uploads/?digest=${digestOf(content)}`,
      body: content,
    });
  const expectRefusal = (answer: Answer) => {
    expect([answer.status, errorCodes(answer)]).toEqual([503, ['UNAVAILABLE']]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.body.toString()).not.toMatch(/S3|storage\.s3|STOWAGEKEY/);
  };

  it.each(OUTAGES)('answers 503 while it %s, and goes on afterwards', async (_what, fault) => {
    const name = `outage ${(number += 1)}`;
    const tag = `v-${number}`;
    const manifest = imageManifest('config', { layers: ['layer'], annotations: { name } });
    store.inject(fault, undefined, Infinity);
    expectRefusal(await push(name));
    expectRefusal(await get(`/v2/app/blobs/${large}`));
    const acknowledged = (await putManifest(registry.client, 'app', tag, manifest)).status === 201;
    store.heal();
    expect((await get('/v2/app/manifests/v1')).status).toBe(200);
    if (acknowledged) expect((await get(`/v2/app/manifests/${tag}`)).body.toString()).toBe(manifest);
    expect((await push(name)).status).toBe(201);
    expect((await get(`/v2/app/blobs/${digestOf(name)}`)).body.toString()).toBe(name);
    expect((await putManifest(registry.client, 'app', tag, manifest)).status).toBe(201);
    expect((await get(`/v2/app/blobs/${large}`)).body.equals(LARGE)).toBe(true);
  });

  it('gives nobody a blob as whole when half of it comes', async () => {
    store.inject({ kind: 'half', afterwards: 'cut' }, isBytes);
    await expect(get(`/v2/app/blobs/${large}`)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    expect((await get(`/v2/app/blobs/${large}`)).body.equals(LARGE)).toBe(true);
  });

  it('gives nobody a blob whose length is not what it was', async () => {
    store.inject({ kind: 'length', difference: 1000 }, isBytes);
    const answer = await get(`/v2/app/blobs/${large}`);
    expect([answer.status, errorCodes(answer)]).toEqual([500, ['UNKNOWN']]);
    expect((await get(`/v2/app/blobs/${large}`)).body.equals(LARGE)).toBe(true);
  });

  it('goes on with an upload at the offset that it had told before the outage', async () => {
    const content = Buffer.alloc(3_000_000, 'upload over an outage');
    const started = await registry.client.send({ method: 'POST', path: '/v2/app/blobs/uploads/' });
    const path = String(started.headers.location);
    const patch = async (location: string, from: number, to: number) =>
      registry.client.send({
        method: 'PATCH',
        path: location,
        headers: { 'content-range': `${from}-${to - 1}` },
        body: content.subarray(from, to),
      });
    const first = await patch(path, 0, 1_000_000);
    expect(first.status).toBe(202);
    store.inject({ kind: 'answer', status: 500 }, undefined, Infinity);
    expectRefusal(await patch(String(first.headers.location), 1_000_000, 2_000_000));
    store.heal();
    const told = await get(String(first.headers.location));
    const from = Number(String(told.headers.range).split('-')[1]) + 1;
    expect(from).toBeGreaterThanOrEqual(1_000_000);
    const second = await patch(String(told.headers.location ?? first.headers.location), from, content.length);
    expect(second.status).toBe(202);
    const digest = digestOf(content);
    const closed = await registry.client.send({
      method: 'PUT',
      path: `${String(second.headers.location)}&digest=${digest}`,
    });
    expect(closed.status).toBe(201);
    expect((await get(`/v2/app/blobs/${digest}`)).body.equals(content)).toBe(true);
  });

  it('keeps what it acknowledged over an outage and kill -9', async () => {
    const kept = await pushImage(registry.client, 'kept', 'v1', 'kept config', { layers: ['kept layer'] });
    store.inject({ kind: 'cut', forward: true }, undefined, Infinity);
    await Promise.all([push('lost 1'), push('lost 2')]);
    await registry.kill9();
    store.heal();
    await registry.start();
    expect((await get('/v2/kept/manifests/v1')).body.toString()).toBe(kept);
    expect((await get(`/v2/kept/blobs/${digestOf('kept layer')}`)).body.toString()).toBe('kept layer');
    expect((await push('lost 1')).status).toBe(201);
  });
});

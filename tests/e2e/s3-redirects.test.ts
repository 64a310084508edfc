import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { FaultyS3 } from '../support/faulty-s3.js';
import { digestOf } from '../support/http-client.js';
import { pushBlob } from '../support/registry-actions.js';
import { NEEDS_RGW, useRgwBucket } from '../support/rgw.js';
import { s3Section } from '../support/s3-section.js';
import { onBucket, RunningRegistry, type Settings } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const CONTENT = Buffer.alloc(3_000_000, 'the bytes of a layer ');

describeWith(NEEDS_RGW, 'blobs in a bucket', () => {
  const bucket = useRgwBucket();
  let store: FaultyS3;
  let temp: TempDir;
  let registry: RunningRegistry;
  let path: string;

  beforeAll(async () => {
    store = await FaultyS3.before(bucket().port);
    temp = await makeTempDir();
  });
  afterEach(() => registry.stop());
  afterAll(async () => {
    await store.close();
    await temp.remove();
  });

  /** @returns what was asked of the store about the blob since, as `GET` */
  async function serve(redirect: Settings[string]): Promise<() => readonly string[]> {
    const section = { ...s3Section(bucket(), 'redirected'), regionendpoint: store.endpoint };
    const { storage, metadata } = onBucket(temp.path, section);
    const settings = { storage: { ...storage, redirect }, metadata: metadata ?? {} };
    registry = await RunningRegistry.start({ folder: temp.path, settings });
    const digest = await pushBlob(registry.client, 'team/app', CONTENT);
    path = `/v2/team/app/blobs/${digest}`;
    const key = `${digest.slice('sha256:'.length)}/data`;
    const before = store.requests.length;
    return () =>
      store.requests
        .slice(before)
        .filter(({ url }) => url.includes(key))
        .map(({ method }) => method);
  }

  it('are fetched there, whole and by ranges, and the registry asks the bucket nothing', async () => {
    const asked = await serve({});
    const whole = await registry.client.send({ path });
    const part = await registry.client.send({ path, headers: { range: 'bytes=100-199' } });
    const head = await registry.client.send({ method: 'HEAD', path });
    expect([whole.status, part.status, head.status]).toEqual([307, 307, 200]);
    expect(whole.headers['docker-content-digest']).toBe(digestOf(CONTENT));
    expect(asked()).toEqual([]);
    const fetched = await fetch(String(whole.headers.location));
    expect([fetched.status, fetched.headers.get('content-length')]).toEqual([200, String(CONTENT.length)]);
    expect(Buffer.from(await fetched.arrayBuffer()).equals(CONTENT)).toBe(true);
    const range = { range: 'bytes=100-199' };
    const rest = await fetch(String(part.headers.location), { headers: range });
    expect(rest.status).toBe(206);
    expect(Buffer.from(await rest.arrayBuffer()).equals(CONTENT.subarray(100, 200))).toBe(true);
  });

  it('come by one request from the registry where a client cannot follow, or none may', async () => {
    const asked = await serve({ except: ['old-client/'] });
    const headers = { 'user-agent': 'Old-Client/1.0' };
    const whole = await registry.client.send({ path, headers });
    expect([whole.status, whole.body.equals(CONTENT)]).toEqual([200, true]);
    expect(asked()).toEqual(['GET']);
    const part = await registry.client.send({
      path,
      headers: { ...headers, range: 'bytes=2000000-2000099' },
    });
    expect([part.status, part.body.equals(CONTENT.subarray(2_000_000, 2_000_100))]).toEqual([206, true]);
    expect(asked()).toEqual(['GET', 'GET']);
    const ranges = store.requests.map(({ headers: { range } }) => range);
    expect(ranges).toContain('bytes=2000000-');
    expect((await registry.client.send({ path })).status).toBe(307);
    expect(asked()).toEqual(['GET', 'GET']);
  });

  it('come from the registry when redirects are switched off', async () => {
    await serve({ disable: true });
    const { status, body } = await registry.client.send({ path });
    expect([status, body.equals(CONTENT)]).toEqual([200, true]);
  });
});

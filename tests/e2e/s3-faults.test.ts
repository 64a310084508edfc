import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FaultyS3, type SeenRequest } from '../support/faulty-s3.js';
import { digestOf } from '../support/http-client.js';
import { imageManifest, pushBlob, pushImage, putManifest } from '../support/registry-actions.js';
import { NEEDS_RGW, useRgwBucket } from '../support/rgw.js';
import { runProgram } from '../support/run-program.js';
import { s3Section } from '../support/s3-section.js';
import { onBucket, PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const ALWAYS = 10_000;
const OVERLOADED = { kind: 'answer', status: 503, code: 'SlowDown' } as const;
/** More than one part. */
const LONG = Buffer.alloc(23_000_000, randomBytes(1_000_003));
const DIGEST = digestOf(LONG);
const isBytesOfBlob = ({ url }: SeenRequest): boolean => url.includes('/blobs/sha256/');

describeWith(NEEDS_RGW, 'what a fault of the store has cut short', () => {
  const bucket = useRgwBucket();
  let temp: TempDir;
  let store: FaultyS3;
  let registry: RunningRegistry;
  let tests = 0;

  beforeEach(async () => {
    temp = await makeTempDir();
    store = await FaultyS3.before(bucket().port);
    const section = { ...s3Section(bucket(), `faults-${(tests += 1)}`), regionendpoint: store.endpoint };
    registry = await RunningRegistry.start({ folder: temp.path, settings: onBucket(temp.path, section) });
  });
  afterEach(async () => {
    await registry.kill9();
    await store.close();
    await temp.remove();
  });

  const pull = (digest: string) => registry.client.send({ path: `/v2/team/app/blobs/${digest}` });

  /** Nothing that was acknowledged is missing, and the bucket says what the database says. */
  async function expectWhole(manifest: string): Promise<void> {
    const { body } = await registry.client.send({ path: '/v2/team/app/manifests/v1' });
    expect(body.toString()).toBe(manifest);
    expect(await registry.stop()).toBe(0);
    const verified = await runProgram(process.execPath, [
      PROGRAM,
      'index',
      'verify',
      join(temp.path, 'config.yml'),
    ]);
    expect([verified.exitCode, verified.stderr]).toEqual([0, expect.any(String)]);
  }

  it('is written by the next start, when it is a link', async () => {
    await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    store.inject(OVERLOADED, ({ url }) => url.includes('/_manifests/'), ALWAYS);
    const manifest = imageManifest('config', { layers: ['layer'], annotations: { which: 'newer' } });
    expect((await putManifest(registry.client, 'team/app', 'v1', manifest)).status).toBe(201);
    store.heal();
    // It waits before it tries again: a new process does not.
    await registry.restart();
    await expectWhole(manifest);
  });

  it('is asked for again, when connections were dropped', async () => {
    const manifest = await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    for (const forward of [true, false]) {
      store.inject({ kind: 'cut', forward }, isBytesOfBlob);
      await pushBlob(registry.client, 'team/app', `pushed, whether it came: ${forward}`);
    }
    store.dropConnections();
    expect((await pull(digestOf('layer'))).status).toBe(200);
    await expectWhole(manifest);
  });

  const steps: readonly (readonly [string, (request: SeenRequest) => boolean])[] = [
    ['the second part comes', ({ method, url }) => method === 'PUT' && /_uploads.*~0+1/.test(url)],
    ['the parts are to be joined', ({ method, url }) => method === 'POST' && url.includes('?uploads')],
    ['a part is copied', ({ headers }) => headers['x-amz-copy-source'] !== undefined],
    ['they are joined', ({ method, url }) => method === 'POST' && url.includes('?uploadId=')],
  ];
  const moments = steps.flatMap(([step, matches]) =>
    [true, false].map((forward) => [forward ? 'after' : 'before', step, matches, forward] as const),
  );

  it.each(moments)(
    'is gone on with, when it is an upload whose process was killed %s %s',
    async (_moment, _step, matches, forward) => {
      const manifest = await pushImage(registry.client, 'team/app', 'v1', 'config');
      const started = await registry.client.send({ method: 'POST', path: '/v2/team/app/blobs/uploads/' });
      const { pathname } = new URL(String(started.headers.location), registry.url);
      store.inject({ kind: 'silent', forward }, matches);
      const pushing = pushLong(String(started.headers.location)).catch((error: unknown) => error);
      await untilSeen(store, matches);
      await registry.kill9();
      await pushing;
      store.heal();
      store.dropConnections();
      await registry.start();
      expect(await goOn(pathname)).toBe(201);
      expect(digestOf((await pull(DIGEST)).body)).toBe(DIGEST);
      await expectWhole(manifest);
    },
  );

  async function pushLong(location: string): Promise<void> {
    const patched = await registry.client.send({ method: 'PATCH', path: location, body: LONG });
    const path = `${String(patched.headers.location)}&digest=${DIGEST}`;
    await registry.client.send({ method: 'PUT', path });
  }

  /** What a client does that has lost its connection. @returns the status at the end */
  async function goOn(path: string): Promise<number> {
    const told = await registry.client.send({ path });
    expect(told.status).toBe(204);
    const kept = Number(/^0-(\d+)$/.exec(String(told.headers['range']))?.[1] ?? -1) + 1;
    const { status } = await registry.client.send({
      method: 'PUT',
      path: `${String(told.headers.location)}&digest=${DIGEST}`,
      // `0-0` stands for nothing as well.
      body: LONG.subarray(kept === 1 ? 0 : kept),
    });
    return status;
  }
});

async function untilSeen(store: FaultyS3, matches: (request: SeenRequest) => boolean): Promise<void> {
  while (!store.requests.some(matches)) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

import { afterAll, beforeAll, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf, type RawRequest } from '../support/http-client.js';
import { imageManifest, pushBlob, putManifest } from '../support/registry-actions.js';
import { NEEDS_RGW, useRgwBucket } from '../support/rgw.js';
import { s3Section } from '../support/s3-section.js';
import { onBucket, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const REPOSITORY = 'team/app';
const CONFIG = 'the config';
const MANIFEST = imageManifest(CONFIG, { layers: ['the layer'] });
/** Marks of how far the bucket has come, and the look of collection for fences. */
const OF_JOBS = /(\/|%2F)stowage(\/|%2F)/;
const LONG = Buffer.alloc(12_000_000, 'longer than a part');

/** What docs/operations.md says that each operation asks of the store, with what comes behind the answer. */
describeWith(NEEDS_RGW, 'requests to S3', () => {
  const bucket = useRgwBucket();
  let temp: TempDir;
  let registry: RunningRegistry;
  let sentToStore: RunningRegistry;

  beforeAll(async () => {
    temp = await makeTempDir();
    registry = await start('registry', true);
    sentToStore = await start('redirecting', false);
    for (const each of [registry, sentToStore]) {
      for (const content of [CONFIG, 'the layer']) await pushBlob(each.client, REPOSITORY, content);
      const stored = await putManifest(each.client, REPOSITORY, 'v1', MANIFEST);
      expect(stored.status).toBe(201);
    }
  });
  afterAll(async () => {
    await registry.stop();
    await sentToStore.stop();
    await temp.remove();
  });

  /** It logs each request that it sends. */
  async function start(name: string, disable: boolean): Promise<RunningRegistry> {
    const folder = `${temp.path}/${name}`;
    const { storage, ...others } = onBucket(folder, { ...s3Section(bucket(), name), loglevel: 'debug' });
    return RunningRegistry.start({
      folder,
      settings: {
        ...others,
        storage: { ...storage, redirect: { disable } },
        log: { level: 'info', formatter: 'json' },
      },
    });
  }

  /** What was asked of the store meanwhile, and until nothing more was: methods and keys, but for our own marks. */
  async function requestsOf(work: () => Promise<unknown>, by = registry): Promise<readonly string[]> {
    await settled(by);
    by.lines.length = 0;
    await work();
    await settled(by);
    return sent(by);
  }

  function sent({ lines }: RunningRegistry): readonly string[] {
    const traces = lines
      .filter((line) => line.includes('request to S3'))
      .map((line) => JSON.parse(line) as Trace);
    return traces
      .filter(({ target }) => !OF_JOBS.test(target))
      .map(({ method, target }) => `${method} ${target}`);
  }

  async function settled(by: RunningRegistry): Promise<void> {
    for (let before = -1; before !== by.lines.length;) {
      before = by.lines.length;
      await sleep(1_500);
    }
  }

  const get =
    (request: RawRequest, status = 200) =>
    async (): Promise<void> => {
      expect((await registry.client.send(request)).status).toBe(status);
    };
  const upload = async (): Promise<string> => {
    const started = await registry.client.send({ method: 'POST', path: `/v2/${REPOSITORY}/blobs/uploads/` });
    return String(started.headers.location);
  };
  /** As docker does: a body of unknown length, and an empty one that closes. */
  const pushInTwo = (content: string | Uint8Array) => async (): Promise<void> => {
    const body = { method: 'PATCH', path: await upload(), body: content, chunked: true };
    const patched = await registry.client.send(body);
    const path = `${String(patched.headers.location)}&digest=${digestOf(content)}`;
    expect((await registry.client.send({ method: 'PUT', path })).status).toBe(201);
  };

  it.each([
    ['HEAD of a blob', { method: 'HEAD', path: `/v2/${REPOSITORY}/blobs/${digestOf(CONFIG)}` }],
    ['GET of a manifest by tag', { path: `/v2/${REPOSITORY}/manifests/v1` }],
    ['GET of a manifest by digest', { path: `/v2/${REPOSITORY}/manifests/${digestOf(MANIFEST)}` }],
    ['HEAD of a manifest', { method: 'HEAD', path: `/v2/${REPOSITORY}/manifests/v1` }],
    ['list of tags', { path: `/v2/${REPOSITORY}/tags/list` }],
    ['catalog', { path: '/v2/_catalog' }],
    ['referrers', { path: `/v2/${REPOSITORY}/referrers/${digestOf(MANIFEST)}` }],
    ['start of an upload', { method: 'POST', path: `/v2/${REPOSITORY}/blobs/uploads/` }],
  ])('%s: none', async (_what, request) => {
    expect(await requestsOf(get(request, request.path.endsWith('uploads/') ? 202 : 200))).toEqual([]);
  });

  it('GET of a blob, or of a part of it: one', async () => {
    const content = 'x'.repeat(64 * 1024 + 1);
    await pushBlob(registry.client, REPOSITORY, content);
    const path = `/v2/${REPOSITORY}/blobs/${digestOf(content)}`;
    expect(await requestsOf(get({ path }))).toHaveLength(1);
    expect(await requestsOf(get({ path, headers: { range: 'bytes=2-4' } }, 206))).toHaveLength(1);
  });

  it('GET of a small blob, or of a part of it: one, and none as long as it is kept', async () => {
    const path = `/v2/${REPOSITORY}/blobs/${digestOf(CONFIG)}`;
    expect(await requestsOf(get({ path }))).toHaveLength(1);
    expect(await requestsOf(get({ path, headers: { range: 'bytes=2-4' } }, 206))).toEqual([]);
  });

  it('GET of a blob whose client is sent to the store: none', async () => {
    const path = `/v2/${REPOSITORY}/blobs/${digestOf(CONFIG)}`;
    const redirected = async () => {
      const { status } = await sentToStore.client.send({ path });
      expect(status).toBe(307);
    };
    expect(await requestsOf(redirected, sentToStore)).toEqual([]);
  });

  it('push of a blob of known length below one part: its bytes and its link', async () => {
    const asked = await requestsOf(() => pushBlob(registry.client, REPOSITORY, 'pushed at once'));
    expect(asked.map(kindOf)).toEqual(['PUT blob', 'PUT link']);
  });

  it('push of a blob in two requests below one part: four, and three that tidy up behind the answer', async () => {
    const asked = await requestsOf(pushInTwo('pushed in two'));
    expect(asked.map(kindOf).toSorted()).toEqual([
      'GET upload',
      'GET upload',
      'POST upload',
      'PUT blob',
      'PUT link',
      'PUT upload',
      'PUT upload',
    ]);
  });

  it('push of a blob of two parts: what is copied is not sent again', async () => {
    const asked = await requestsOf(pushInTwo(LONG));
    expect(asked.length).toBeLessThanOrEqual(12);
  });

  it('push of a manifest: its bytes, its link and those of its tag', async () => {
    const manifest = imageManifest(CONFIG, { annotations: { which: 'another' } });
    const asked = await requestsOf(() => putManifest(registry.client, REPOSITORY, 'v2', manifest));
    expect(asked.map(kindOf).toSorted()).toEqual(['PUT blob', 'PUT link', 'PUT link', 'PUT link']);
  });
});

interface Trace {
  readonly method: string;
  readonly target: string;
}

function kindOf(request: string): string {
  const [method = '', target = ''] = request.split(' ');
  const place = target.includes('_uploads') ? 'upload' : target.includes('/blobs/') ? 'blob' : 'link';
  return `${method} ${/[?&](delete|prefix)/.test(target) ? 'upload' : place}`;
}

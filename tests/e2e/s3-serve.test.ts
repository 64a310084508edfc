import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { IMAGE_TOOLS, ensureImages } from '../support/images.js';
import { digestOf } from '../support/http-client.js';
import { OciLayout, servedDigests } from '../support/oci-layout.js';
import { skopeoCopy } from '../support/push-image-set.js';
import { differences, walkRegistry } from '../support/registry-walk.js';
import { imageManifest, pushBlob, pushImage } from '../support/registry-actions.js';
import { NEEDS_RGW, useRgwBucket } from '../support/rgw.js';
import { runProgram, type Ended } from '../support/run-program.js';
import { s3Section } from '../support/s3-section.js';
import { onBucket, PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const NEEDS = { tools: [...(NEEDS_RGW.tools ?? []), ...IMAGE_TOOLS] };

describeWith(NEEDS, 'the program on a bucket', () => {
  const bucket = useRgwBucket();
  let temp: TempDir;
  let registry: RunningRegistry;
  /** Each test has keys of its own. */
  let root: string;
  let tests = 0;

  beforeEach(async () => {
    temp = await makeTempDir();
    root = `test-${(tests += 1)}`;
    registry = await RunningRegistry.start({ folder: temp.path, settings: settings() });
  });
  afterEach(async () => {
    await registry.kill9();
    await temp.remove();
  });

  const settings = () => onBucket(temp.path, s3Section(bucket(), root));
  const stowage = (...words: readonly string[]): Promise<Ended> =>
    runProgram(process.execPath, [PROGRAM, ...words], { cwd: temp.path });
  const config = () => join(temp.path, 'config.yml');
  const status = async (path: string) => (await registry.client.send({ path })).status;
  const keys = async (prefix: string): Promise<readonly string[]> => {
    const { aws, bucket: name } = bucket();
    const found = await aws.send(new ListObjectsV2Command({ Bucket: name, Prefix: `${root}/${prefix}` }));
    return (found.Contents ?? []).map(({ Key = '' }) => Key.slice(root.length + 1)).toSorted();
  };

  it('reloads its configuration when it is asked to beside its database', async () => {
    const { exitCode, stdout, stderr } = await stowage('config', 'reload', 'config.yml');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^process \d+ has read its configuration and files again/);
  });

  it('takes images and gives them back, after a restart and after kill -9 too', async () => {
    const images = await ensureImages();
    const by = { host: registry.host, images, folder: temp.path };
    await skopeoCopy(by, 'many:30', 's3/many:30');
    const sent = await new OciLayout(join(images, 'many')).verifiedDigests('30');
    expect(await servedDigests(registry.client, 's3/many', '30')).toEqual(sent);
    await registry.restart();
    expect(await servedDigests(registry.client, 's3/many', '30')).toEqual(sent);
    const manifest = await pushImage(registry.client, 's3/last', 'v1', 'config', { layers: ['layer'] });
    await registry.kill9();
    await registry.start();
    expect(await servedDigests(registry.client, 's3/many', '30')).toEqual(sent);
    expect(await servedDigests(registry.client, 's3/last', 'v1')).toContain(digestOf(manifest));
  });

  it('goes on with an upload whose process was killed', async () => {
    const content = Buffer.alloc(3_000_000, 'upload');
    const started = await registry.client.send({ method: 'POST', path: '/v2/s3/up/blobs/uploads/' });
    const first = await registry.client.send({
      method: 'PATCH',
      path: String(started.headers.location),
      body: content.subarray(0, 2_000_000),
    });
    expect(first.status).toBe(202);
    await registry.kill9();
    await registry.start();
    const { pathname } = new URL(String(first.headers.location), registry.url);
    const told = await registry.client.send({ path: pathname });
    expect([told.status, told.headers['range']]).toEqual([204, '0-1999999']);
    const digest = digestOf(content);
    const closed = await registry.client.send({
      method: 'PUT',
      path: `${String(told.headers.location)}&digest=${digest}`,
      body: content.subarray(2_000_000),
    });
    expect(closed.status).toBe(201);
    const { body } = await registry.client.send({ path: `/v2/s3/up/blobs/${digest}` });
    expect(digestOf(body)).toBe(digest);
    // Removed behind the answer.
    const left = () => keys('docker/registry/v2/repositories/s3/up/_uploads/');
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 10_000 });
  });

  it('keeps in the bucket all that a lost database knew', async () => {
    await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer', 'other'] });
    await pushImage(registry.client, 'team/app', 'v2', 'config 2', { layers: ['layer'] });
    await pushImage(registry.client, 'team/app/worker', 'v1', 'config', { layers: ['layer'] });
    const before = await walkRegistry(registry);
    await registry.stop();
    for (const end of ['', '-wal', '-shm']) rmSync(join(temp.path, `metadata.db${end}`), { force: true });
    const lost = await stowage('serve', config());
    expect(lost.exitCode).toBe(1);
    expect(lost.stderr).toMatch(
      /^stowage: the bucket .* belongs to a metadata database that is not at .*\n$/,
    );
    const rebuilt = await stowage('index', 'rebuild', config());
    expect(rebuilt.stdout).toMatch(
      /^The metadata database is made anew: 2 repositories with 3 tags, 3 manifests/,
    );
    expect(rebuilt.exitCode).toBe(0);
    await registry.start();
    expect(differences(before, await walkRegistry(registry))).toEqual([]);
    const verified = await stowage('index', 'verify', config());
    expect([verified.exitCode, verified.stderr]).toEqual([0, expect.any(String)]);
  });

  it('collects what nothing needs', async () => {
    const kept = await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    await pushImage(registry.client, 'team/app', 'moved', 'former', { layers: ['layer', 'former layer'] });
    await pushImage(registry.client, 'team/app', 'moved', 'config', { layers: ['layer'] });
    await pushBlob(registry.client, 'team/app', 'loose');
    await registry.stop();
    const gone = [
      imageManifest('former', { layers: ['layer', 'former layer'] }),
      'former',
      'former layer',
      'loose',
    ];
    const dry = await stowage('gc', '--delete-untagged', '--dry-run', config());
    expect(dry.stdout).toContain('Would remove 1 manifest, 3 links to blobs and 4 files');
    const run = await stowage('gc', '--delete-untagged', '--orphans', config());
    expect(run.stdout).toContain('Removed 1 manifest, 3 links to blobs and 4 files');
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    const stored = (await keys('docker/registry/v2/blobs/')).map((key) => key.split('/').at(-2));
    expect(stored).toEqual([kept, 'config', 'layer'].map((each) => digestOf(each).slice(7)).toSorted());
    expect(await keys('stowage/gc/')).toEqual([]);
    await registry.start();
    expect(await status('/v2/team/app/manifests/v1')).toBe(200);
    for (const each of gone) expect(await status(`/v2/team/app/blobs/${digestOf(each)}`)).toBe(404);
    await pushBlob(registry.client, 'team/app', 'loose');
    expect(await status(`/v2/team/app/blobs/${digestOf('loose')}`)).toBe(200);
  });

  it('finds bytes that the database does not know', async () => {
    await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    await pushBlob(registry.client, 'team/app', 'loose');
    await registry.stop();
    for (const end of ['', '-wal', '-shm']) rmSync(join(temp.path, `metadata.db${end}`), { force: true });
    // The link of the blob is lost as well: only its bytes are there.
    const { aws, bucket: name } = bucket();
    const hex = digestOf('loose').slice(7);
    const link = `${root}/docker/registry/v2/repositories/team/app/_layers/sha256/${hex}/link`;
    await aws.send(new DeleteObjectCommand({ Bucket: name, Key: link }));
    expect((await stowage('index', 'rebuild', config())).exitCode).toBe(0);
    const run = await stowage('gc', '--orphans', config());
    expect(run.stdout).toContain(`removed blob sha256:${hex}`);
    expect(run.exitCode).toBe(0);
    expect(await keys(`docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/`)).toEqual([]);
  });

  it('can be tried beside the registry that owns the bucket', async () => {
    await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    const folder = join(temp.path, 'trial');
    const trial = await RunningRegistry.start({
      folder,
      flags: ['--trial'],
      settings: onBucket(folder, s3Section(bucket(), root)),
    });
    try {
      expect(await servedDigests(trial.client, 'team/app', 'v1')).toHaveLength(3);
      await pushImage(registry.client, 'team/new', 'v1', 'new config');
      expect(await servedDigests(trial.client, 'team/new', 'v1')).toHaveLength(2);
      const refused = await trial.client.send({ method: 'POST', path: '/v2/team/app/blobs/uploads/' });
      expect(refused.status).toBe(405);
    } finally {
      await trial.stop();
    }
  });

  it('is not served with a database that knows repositories over an empty place', async () => {
    await pushImage(registry.client, 'team/app', 'v1', 'config');
    await registry.stop();
    root = `${root}-elsewhere`;
    const elsewhere = RunningRegistry.start({ folder: temp.path, settings: settings() });
    await expect(elsewhere).rejects.toThrow(
      /team\/app is the first.*is the bucket or rootdirectory another one\?/,
    );
  });

  it('is not served by a second machine with a database of its own', async () => {
    await pushImage(registry.client, 'team/app', 'v1', 'config');
    const folder = join(temp.path, 'second');
    const second = RunningRegistry.start({ folder, settings: onBucket(folder, s3Section(bucket(), root)) });
    await expect(second).rejects.toThrow(/belongs to a metadata database that is not at/);
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['an unknown key', { accesskey: 'NOBODY' }, /storage\.s3\.accesskey/],
    ['a wrong secret', { secretkey: 'wrong' }, /storage\.s3\.secretkey/],
    ['a bucket that is not there', { bucket: 'not-there' }, /storage\.s3\.bucket/],
    ['a store that is not there', { regionendpoint: 'http://127.0.0.1:9' }, /storage\.s3\.regionendpoint/],
  ])('does not start, by any command, with %s, and says which key to change', async (_what, wrong, key) => {
    await registry.stop();
    // A dry run of gc asks the database alone.
    const words = [['serve'], ['index', 'rebuild'], ['index', 'verify'], ['gc']];
    const broken = join(temp.path, 'broken.yml');
    const settled = { ...settings()['storage'], s3: { ...s3Section(bucket(), root), ...wrong } };
    await writeFile(broken, JSON.stringify({ version: '0.1', ...settings(), storage: settled }));
    for (const command of words) {
      const { exitCode, stderr } = await stowage(...command, broken);
      expect([exitCode, stderr]).toEqual([1, expect.stringMatching(key)]);
      expect(stderr.split('\n').filter((line) => line.startsWith('stowage'))).toHaveLength(1);
    }
  });

  it('is shared by processes of one machine', async () => {
    await pushImage(registry.client, 'team/app', 'v1', 'config');
    const second = await RunningRegistry.start({ folder: temp.path, settings: settings() });
    try {
      expect(await servedDigests(second.client, 'team/app', 'v1')).toHaveLength(2);
      await pushImage(second.client, 'team/app', 'v2', 'config 2');
      expect(await servedDigests(registry.client, 'team/app', 'v2')).toHaveLength(2);
      const rebuild = await stowage('index', 'rebuild', config());
      expect(rebuild.exitCode).toBe(1);
      expect(rebuild.stderr).toMatch(/^stowage: the bucket .* is in use by `stowage serve` on host/);
    } finally {
      await second.stop();
    }
  });

  it('is looked after by every command', async () => {
    const manifest = await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    await registry.stop();
    const explained = await stowage('gc', 'explain', `team/app@${digestOf('layer')}`, config());
    expect([explained.exitCode, explained.stdout]).toEqual([0, expect.stringContaining(digestOf(manifest))]);
    const { aws, bucket: name } = bucket();
    const tag = `${root}/docker/registry/v2/repositories/team/app/_manifests/tags/v1/current/link`;
    await aws.send(new DeleteObjectCommand({ Bucket: name, Key: tag }));
    expect((await stowage('index', 'verify', config())).exitCode).toBe(1);
    expect((await stowage('index', 'flush', config())).exitCode).toBe(0);
    expect((await stowage('index', 'repair', '--dry-run', config())).stdout).toContain('v1');
    expect((await stowage('index', 'repair', config())).exitCode).toBe(0);
    expect((await stowage('index', 'verify', config())).exitCode).toBe(0);
    const { Body } = await aws.send(new GetObjectCommand({ Bucket: name, Key: tag }));
    expect(await Body?.transformToString()).toBe(digestOf(manifest));
  });
});

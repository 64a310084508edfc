import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import { filesystemUnderTest, memoryUnderTest } from '../../contract/storage-under-test.js';
import type { DriverUnderTest } from '../../contract/storage-driver.contract.js';
import { blobAt, layerAt, revisionAt, TREE_ROOT, TreeInDriver } from '../../support/tree-in-driver.js';
import { contentOf, copyBetween, filesOf } from './copy-under-test.js';

const DECLARED = JSON.stringify({ mediaType: MEDIA_TYPES.dockerManifest });
const tagAt = (repository: string, tag: string): string =>
  `${TREE_ROOT}/repositories/${repository}/_manifests/tags/${tag}/current/link`;
const textAt = async (driver: StorageDriver, path: string): Promise<string | undefined> => {
  const content = await driver.readContent(path, Infinity);
  return content && Buffer.from(content).toString();
};

describe.each([
  ['a folder into a folder', filesystemUnderTest, filesystemUnderTest],
  ['a folder into memory', filesystemUnderTest, memoryUnderTest],
  ['memory into a folder', memoryUnderTest, filesystemUnderTest],
])('copying %s', (_what, makeSource, makeTarget) => {
  let sides: readonly [DriverUnderTest, DriverUnderTest];
  let source: StorageDriver;
  let target: StorageDriver;
  let tree: TreeInDriver;
  let there: TreeInDriver;

  beforeEach(async () => {
    sides = [await makeSource(), await makeTarget()];
    [source, target] = [sides[0].driver, sides[1].driver];
    [tree, there] = [new TreeInDriver(source), new TreeInDriver(target)];
  });
  afterEach(() => Promise.all(sides.map((side) => side.dispose())));

  /** An image, by its manifest's digest. */
  async function image(repository: string, tag: string, content = `${repository}:${tag}`): Promise<Digest> {
    const config = await tree.layer(repository, `config of ${content}`);
    const layer = await tree.layer(repository, `layer of ${content}`);
    const digest = await tree.image(repository, config, { layers: [layer] });
    await tree.tag(repository, tag, digest);
    return digest;
  }

  it('copies every blob and name, and nothing of uploads and of what lies beside the tree', async () => {
    await image('team/app', 'v1');
    await image('team/app', 'v2');
    await image('team/app/worker', 'v1');
    await image('other', 'latest');
    await tree.blob('nothing names it', 'sha512');
    await tree.file(
      revisionAt('other', await image('other', 'old')).replace(/link$/, 'stowage.json'),
      DECLARED,
    );
    const expected = await filesOf(source);
    await tree.file(
      `${TREE_ROOT}/repositories/other/_uploads/0a1b2c3d-0000-4000-8000-000000000001/data`,
      'x',
    );
    await tree.file('stowage/owner.json', '{}');

    const { report, progress } = await copyBetween(source, target);
    expect(report).toMatchObject({ settled: true });
    expect([report.damages.count, report.conflicts.count, report.extras.count]).toEqual([0, 0, 0]);
    expect(await filesOf(target)).toEqual(expected);
    const blobs = [...expected].filter(([path]) => path.endsWith('/data'));
    expect(progress).toMatchObject({
      pass: 2,
      blobsCopied: blobs.length,
      bytesCopied: blobs.reduce((sum, [, content]) => sum + content.length, 0),
      blobsThere: blobs.length,
      repositories: 3,
    });
  });

  it('copies a blob that is larger than what is read at once', async () => {
    const content = randomBytes(9 * 1024 * 1024 + 17);
    const digest = Digest.of('sha256', content);
    await tree.file(blobAt(digest), content);
    await tree.layerLink('team/app', digest);
    const { report } = await copyBetween(source, target);
    expect(report.settled).toBe(true);
    expect((await filesOf(target)).get(blobAt(digest))).toBe(contentOf(content));
    expect((await filesOf(target, ['stowage'])).size).toBe(0);
  });

  it.each([
    ['a few bytes', 100],
    ['many', 6 * 1024 * 1024],
  ])('copies no blob of %s that is damaged, tells where it is, and copies the rest', async (_size, size) => {
    const content = randomBytes(size);
    const digest = Digest.of('sha256', content);
    await image('team/app', 'v1');
    for (const damage of [content.subarray(1), Buffer.alloc(size), Buffer.alloc(0)]) {
      await tree.file(blobAt(digest), damage);
      const { report, progress } = await copyBetween(source, target);
      expect(report.damages.first).toEqual([
        { path: blobAt(digest), repository: undefined, reason: 'has other bytes than its digest says' },
      ]);
      expect(await target.stat(blobAt(digest))).toBeUndefined();
      expect(report.settled).toBe(true);
      expect(progress.blobsThere).toBe(3);
    }
    await tree.file(blobAt(digest), content);
    const { report } = await copyBetween(source, target);
    expect(report.damages.count).toBe(0);
    expect((await filesOf(target)).get(blobAt(digest))).toBe(contentOf(content));
  });

  it('copies nothing again; one pass is enough to see that', async () => {
    await image('team/app', 'v1');
    await copyBetween(source, target);
    const { report, progress } = await copyBetween(source, target);
    expect(report.settled).toBe(true);
    expect(progress).toEqual({
      pass: 1,
      blobsCopied: 0,
      bytesCopied: 0,
      namesCopied: 0,
      blobsThere: 3,
      namesThere: 4,
      repositories: 1,
    });
  });

  it('trusts a blob of the right size, unless it is asked to read it; another size heals', async () => {
    const digest = await tree.layer('team/app', 'the bytes of a layer');
    const damage = 'the bytes of a lAyer';
    await there.file(blobAt(digest), damage);
    await copyBetween(source, target);
    expect(await textAt(target, blobAt(digest))).toBe(damage);
    await copyBetween(source, target, { verify: true });
    expect(await textAt(target, blobAt(digest))).toBe('the bytes of a layer');
    await there.file(blobAt(digest), 'cut');
    await copyBetween(source, target);
    expect(await textAt(target, blobAt(digest))).toBe('the bytes of a layer');
  });

  it('reads an empty blob of the target in any case: a power loss leaves such', async () => {
    const digest = Digest.of('sha256', Buffer.from('not empty'));
    await tree.file(blobAt(digest), '');
    await there.file(blobAt(digest), '');
    const { report } = await copyBetween(source, target);
    expect(report.damages.first).toMatchObject([{ path: blobAt(digest) }]);
  });

  it('lets a tag follow the source, away from what it named there before', async () => {
    await image('team/app', 'latest', 'first');
    await copyBetween(source, target);
    const second = await image('team/app', 'latest', 'second');
    const { report } = await copyBetween(source, target);
    expect([report.settled, report.conflicts.count]).toEqual([true, 0]);
    expect(await textAt(target, tagAt('team/app', 'latest'))).toBe(second.toString());
  });

  it('tells of a tag that is something of its own in the target, and moves it when it is asked to', async () => {
    const ours = await image('team/app', 'latest');
    const own = await there.manifest('team/app', '{"schemaVersion":2}');
    await there.tag('team/app', 'latest', own);
    const { report } = await copyBetween(source, target);
    expect(report.settled).toBe(true);
    expect(report.conflicts.first).toEqual([{ tag: 'team/app:latest', source: ours, target: own }]);
    expect(await textAt(target, tagAt('team/app', 'latest'))).toBe(own.toString());
    const moved = await copyBetween(source, target, { moveTags: true });
    expect(moved.report.conflicts.count).toBe(0);
    expect(await textAt(target, tagAt('team/app', 'latest'))).toBe(ours.toString());
    // It is pulled by its digest as before.
    expect(await textAt(target, revisionAt('team/app', own))).toBe(own.toString());
  });

  it('takes nothing from the target: names that are only there are told', async () => {
    await image('team/app', 'v1');
    await copyBetween(source, target);
    const layer = await there.layer('team/app', 'its own');
    await there.tag('elsewhere', 'v1', layer);
    await source.remove(`${TREE_ROOT}/repositories/team/app/_manifests/tags/v1`);
    const before = await filesOf(target);
    const { report } = await copyBetween(source, target);
    expect(report.settled).toBe(true);
    expect(report.extras.first.toSorted()).toEqual([
      'repository elsewhere',
      `team/app layer ${layer.toString()}`,
      'team/app tag v1',
    ]);
    expect(await filesOf(target)).toEqual(before);
  });

  it('heals links that are damaged in the target, and tells of those in the source', async () => {
    const digest = await image('team/app', 'v1');
    const layer = await tree.layer('team/app', 'with a broken link');
    await tree.file(layerAt('team/app', layer), 'sha256:');
    await there.file(tagAt('team/app', 'v1'), '');
    const { report } = await copyBetween(source, target);
    expect(await textAt(target, tagAt('team/app', 'v1'))).toBe(digest.toString());
    expect(report.damages.first).toEqual([
      { path: layerAt('team/app', layer), repository: 'team/app', reason: 'is cut off' },
    ]);
    expect(await target.stat(layerAt('team/app', layer))).toBeUndefined();
  });

  it('does not copy a manifest whose media type can not be read: it would be served under another', async () => {
    const digest = await image('team/app', 'v1');
    await tree.file(`${revisionAt('team/app', digest).replace(/link$/, 'stowage.json')}/x`, 'a folder');
    const { report } = await copyBetween(source, target);
    expect(report.damages.first).toMatchObject([{ repository: 'team/app' }]);
    expect(await target.stat(revisionAt('team/app', digest))).toBeUndefined();
  });
});

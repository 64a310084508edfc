import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import { repairDifferences } from '../../../src/application/services/repair-differences.js';
import type { RepairTarget } from '../../../src/application/services/repair-plan.js';
import { FollowTree } from '../../../src/application/use-cases/maintenance/follow-tree.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { TagName } from '../../../src/domain/tag/tag-name.js';
import { SqliteTagTakeover } from '../../../src/infrastructure/metadata/sqlite/sqlite-tag-takeover.js';
import { image, index } from '../../contract/metadata/metadata-actions.js';
import { collect } from '../../support/collect.js';
import { GRACE } from '../../support/fakes.js';
import { inTree, ServedFolder } from '../../support/served-folder.js';

const NEVER = new AbortController().signal;
const NAME = RepositoryName.parse('team/app');
const V1 = TagName.parse('v1');

let folder: ServedFolder;
let one: Manifest;
let two: Manifest;
let config: Digest;

beforeEach(async () => {
  folder = await ServedFolder.open();
  config = await folder.pushBlob('team/app', 'config');
  one = image('config', { note: 'one' });
  two = image('config', { note: 'two' });
  await folder.pushManifest('team/app', one, ['v1', 'latest']);
  await folder.pushManifest('team/app', two, ['v2']);
  await folder.names.flush();
});
afterEach(() => folder.close());

const newProgress = () => ({ repositories: 0, tags: 0, revisions: 0, layers: 0 });
const differences = () => collect(folder.walk.differences(newProgress(), NEVER));
const target = async (tag: TagName) => (await folder.manifests.find(NAME, tag))?.digest;

/** What was done, as words; the flush at the end. */
async function repair(side: RepairTarget, deletes = false): Promise<readonly string[]> {
  const found = folder.walk.differences(newProgress(), NEVER);
  const steps = await collect(
    repairDifferences(found, folder.repairs[side], { target: side, deletes }, NEVER),
  );
  await folder.repairs[side].flush();
  return steps.map(({ step }) => (step.action === 'leave' ? `left: ${step.reason}` : step.action));
}

describe('the repair of the tree', () => {
  it('writes what is missing, damaged or moved, and makes it durable', async () => {
    await folder.remove('repositories/team/app/_layers');
    await folder.remove(inTree.blob(two.digest));
    await folder.write(inTree.tag('team/app', 'v1'), two.digest.toString());
    await folder.write(inTree.tag('team/app', 'latest'), 'sha256:');
    const flushed: string[] = [];
    const flush = folder.driver.flushContent.bind(folder.driver);
    folder.driver.flushContent = async (paths) => {
      flushed.push(...paths);
      await flush(paths);
    };
    const done = await repair('tree');
    expect(done.toSorted()).toEqual(['add', 'change', 'change', 'change']);
    expect(await differences()).toEqual([]);
    for (const path of [
      inTree.blob(two.digest),
      inTree.tag('team/app', 'v1'),
      inTree.layer('team/app', config),
    ]) {
      expect(flushed).toContain(`docker/registry/v2/${path}`);
    }
  });

  it('deletes only names, and those only when it may', async () => {
    await folder.write(inTree.tag('team/app', 'mine'), one.digest.toString());
    await folder.write(inTree.layer('other', config), config.toString());
    expect(await repair('tree')).toEqual([expect.stringMatching(/^left/), expect.stringMatching(/^left/)]);
    expect(await differences()).toHaveLength(2);
    expect(await repair('tree', true)).toEqual(['delete', 'delete']);
    expect(await differences()).toEqual([]);
    expect(await folder.store.size(config)).toBe(6);
  });

  it('goes on when the storage refuses one name, and says why it is left', async () => {
    await folder.remove('repositories/team/app/_layers');
    folder.driver.putContent = async () => {
      throw new StorageFault('denied', 'write somewhere: EACCES');
    };
    expect(await repair('tree')).toEqual(['left: the storage refuses it: write somewhere: EACCES']);
  });
});

describe('the repair of the database', () => {
  it('takes in names, moves tags, and leaves the journal as it was', async () => {
    const list = index([one.digest, two.digest]);
    await folder.write(inTree.blob(list.digest), list.bytes.toString());
    await folder.write(inTree.revision('team/app', list.digest), list.digest.toString());
    await folder.write(inTree.tag('team/app', 'list'), list.digest.toString());
    await folder.write(inTree.tag('team/app', 'v1'), two.digest.toString());
    expect(await repair('database')).toEqual(['add', 'change', 'add']);
    expect(await differences()).toEqual([]);
    expect(await target(V1)).toEqual(two.digest);
    const rows = folder.database.prepare<[], { rows: number }>({
      sql: 'SELECT count(*) AS rows FROM journal',
    });
    expect(rows.get()).toEqual({ rows: 0 });
    // What the index lists is held by it.
    expect(await folder.manifests.delete(NAME, one.digest, 0)).toMatchObject({ kind: 'listed' });
  });

  it('takes in repositories whose names only the reference registry allows', async () => {
    await folder.write(inTree.revision('Team.io/app', one.digest), one.digest.toString());
    await folder.write(inTree.tag('Team.io/app', 'v1'), one.digest.toString());
    expect(await repair('database')).toEqual(['add', 'add']);
    expect(await folder.manifests.find(RepositoryName.parseExisting('Team.io/app'), V1)).toMatchObject({
      digest: one.digest,
    });
  });

  it('deletes what only the database has when it may: indexes, then what they list, then blobs', async () => {
    await folder.pushManifest('team/app', index([one.digest]), ['list']);
    await folder.remove('repositories/team/app');
    const left = await repair('database');
    expect(left).toEqual(left.map(() => expect.stringMatching(/--delete removes it/) as string));
    expect(await repair('database', true)).toEqual(left.map(() => 'delete'));
    expect(await folder.tags.repositoryExists(NAME)).toBe(false);
  });

  it('says what holds a name that can not be deleted', async () => {
    const list = index([one.digest]);
    await folder.pushManifest('team/app', list, ['list']);
    await folder.remove(inTree.revision('team/app', one.digest));
    await folder.remove('repositories/team/app/_manifests/tags/v1');
    await folder.remove('repositories/team/app/_manifests/tags/latest');
    expect(await repair('database', true)).toEqual([
      'delete',
      'delete',
      `left: the index ${list.digest.toString()} lists it`,
    ]);
  });

  it('leaves a tag that somebody has moved since it was looked at', async () => {
    const takeover = new SqliteTagTakeover(folder.database, GRACE);
    const moved = { repository: NAME, tag: V1, from: two.digest, to: two.digest };
    expect(await takeover.follow(moved, 0)).toBe(false);
    expect(await target(V1)).toEqual(one.digest);
    expect(await takeover.follow({ ...moved, from: one.digest, to: config }, 0)).toBe(false);
    expect(await takeover.follow({ ...moved, from: one.digest }, 0)).toBe(true);
    expect(await target(V1)).toEqual(two.digest);
  });
});

describe('following the tree', () => {
  const nobody = { publish: async () => undefined, flush: async () => undefined };
  let follow: FollowTree;

  beforeEach(() => {
    const { walk, comparison, clock } = folder;
    follow = new FollowTree(walk, comparison, () => folder.newDatabaseRepair(nobody), clock);
  });

  it('takes in what a name has become before it is read, and the whole repository with it', async () => {
    await folder.write(inTree.tag('team/app', 'v1'), two.digest.toString());
    await folder.remove('repositories/team/app/_manifests/tags/latest');
    await follow.execute({ kind: 'tag', repository: NAME, tag: V1 });
    expect(await target(V1)).toEqual(two.digest);
    expect(await folder.tags.page(NAME, { after: undefined, limit: 10 })).toEqual(['v1', 'v2']);
  });

  it('reads nothing but the name itself where nothing has changed', async () => {
    let lists = 0;
    const list = folder.driver.list.bind(folder.driver);
    folder.driver.list = (path) => ((lists += 1), list(path));
    await follow.execute({ kind: 'tag', repository: NAME, tag: V1 });
    await follow.execute({ kind: 'revision', repository: NAME, digest: one.digest });
    await follow.execute({ kind: 'layer', repository: NAME, digest: config });
    expect(lists).toBe(0);
  });

  it('finds new repositories for the catalog, and forgets those that are gone, some seconds later', async () => {
    await folder.pushBlob('gone', 'config');
    await folder.names.flush();
    await folder.remove('repositories/gone');
    await folder.write(inTree.layer('new', config), config.toString());
    const catalog = () => collect(folder.walk.repositories(NEVER));
    await follow.execute({ kind: 'catalog' });
    expect((await catalog()).map(({ name }) => name)).toEqual(['new', 'team/app']);
    await folder.write(inTree.layer('later', config), config.toString());
    await follow.execute({ kind: 'catalog' });
    expect(await folder.tags.repositoryExists(RepositoryName.parse('later'))).toBe(false);
    folder.clock.advance(5_000);
    await follow.execute({ kind: 'catalog' });
    expect(await folder.tags.repositoryExists(RepositoryName.parse('later'))).toBe(true);
  });

  it('takes a repository in once for requests that come together, without a fault', async () => {
    await folder.write(inTree.tag('team/app', 'v1'), two.digest.toString());
    const repository = { kind: 'repository', repository: NAME } as const;
    await Promise.all(Array.from({ length: 8 }, () => follow.execute(repository)));
    expect(await target(V1)).toEqual(two.digest);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IndexComparison } from '../../../src/application/services/index-comparison.js';
import { NameComparison } from '../../../src/application/services/name-comparison.js';
import { SettledDifferences } from '../../../src/application/services/settled-differences.js';
import { TreeComparison } from '../../../src/application/services/tree-comparison.js';
import { FindLostBlobs } from '../../../src/application/use-cases/maintenance/find-lost-blobs.js';
import { TakeInRepository } from '../../../src/application/use-cases/maintenance/take-in-repository.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { TagName } from '../../../src/domain/tag/tag-name.js';
import { ThreadedHashing } from '../../../src/infrastructure/hashing/threaded-hashing.js';
import { SqliteContentRegister } from '../../../src/infrastructure/metadata/sqlite/sqlite-content-register.js';
import { PieceMemory } from '../../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';
import { S3Driver } from '../../../src/infrastructure/storage/drivers/s3/s3-driver.js';
import { LayoutTreeChanges } from '../../../src/infrastructure/storage/layout/layout-tree-changes.js';
import { SingleInstance } from '../../../src/infrastructure/system/single-instance.js';
import { image } from '../../contract/metadata/metadata-actions.js';
import { OBJECT_STORE } from '../../contract/storage-under-test.js';
import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { MemoryObjectStore } from '../../support/memory-object-store.js';
import { inTree, ServedFolder } from '../../support/served-folder.js';

const NEVER = new AbortController().signal;
const REPOSITORIES = ['team/app', 'team/app/worker', 'other'];

/** Requests to S3 by which a start finds out what another program has changed: told in docs/operations.md. */
describe('comparing a bucket at the start', () => {
  let store: MemoryObjectStore;
  let folder: ServedFolder;
  const manifest = image('config', { layers: ['layer'] });

  beforeEach(async () => {
    store = new MemoryObjectStore();
    const hashing = new ThreadedHashing();
    const driver = new S3Driver(store, hashing, new PieceMemory(), { rootDirectory: '' });
    folder = await ServedFolder.open(async () => ({
      driver,
      traits: OBJECT_STORE,
      dispose: () => hashing.close(),
    }));
    for (const name of REPOSITORIES) {
      for (const blob of ['config', 'layer', `of ${name}`]) await folder.pushBlob(name, blob);
      await folder.pushManifest(name, manifest, ['v1', 'v2']);
    }
    await folder.names.flush();
    store.resetCounts();
  });
  afterEach(() => folder.close());

  async function compare(): Promise<Readonly<Record<string, number>>> {
    const { tree, links, journal, blobs, clock, databaseNames, names } = folder;
    const comparison = new NameComparison(tree, links, journal, blobs, { namesOnly: true });
    const settled = new SettledDifferences(tree, comparison, clock);
    const walk = new IndexComparison(tree, databaseNames, comparison, settled);
    const { logger } = QUIET_CONTEXT;
    const repair = () => folder.newDatabaseRepair(names);
    const takeIn = new TakeInRepository(walk, settled, repair, new SingleInstance(false), logger);
    const changes = new LayoutTreeChanges(folder.driver);
    await new TreeComparison(walk, changes, takeIn, clock).run(Date.now(), NEVER);
    await new FindLostBlobs(changes, tree, new SqliteContentRegister(folder.database), logger).execute(
      Date.now(),
      NEVER,
    );
    return Object.fromEntries(store.requests);
  }

  it('is one look for each folder of a name, one for each repository and one for all blobs, where nothing was changed', async () => {
    // The root, team, and the three names.
    expect(await compare()).toEqual({ list: 5 + 3 + 1 });
  });

  it('reads what was changed alone', async () => {
    const other = image('config', { layers: ['layer'], note: 'other' });
    await folder.write(inTree.blob(other.digest), other.bytes.toString());
    await folder.write(inTree.revision('other', other.digest), other.digest.toString());
    await folder.write(inTree.tag('other', 'v1'), other.digest.toString());
    await folder.remove(inTree.tag('team/app', 'v2'));
    store.resetCounts();
    const { list = 0, get = 0, head = 0 } = await compare();
    expect(list).toBeLessThan(20);
    expect(get).toBeLessThan(12);
    expect(head).toBeLessThan(8);
    const target = async (name: string, tag: string) =>
      (await folder.manifests.find(RepositoryName.parse(name), TagName.parse(tag)))?.digest.toString();
    expect(await target('other', 'v1')).toBe(other.digest.toString());
    expect(await target('other', 'v2')).toBe(manifest.digest.toString());
    expect(await target('team/app', 'v2')).toBeUndefined();
    expect(await target('team/app', 'v1')).toBe(manifest.digest.toString());
  });
});

import { DatabaseRepair } from '../../src/application/services/database-repair.js';
import type { NameRepair } from '../../src/application/services/name-repair.js';
import type { RepairTarget } from '../../src/application/services/repair-plan.js';
import { RepositoryAdoption } from '../../src/application/services/repository-adoption.js';
import { TreeRepair } from '../../src/application/services/tree-repair.js';
import { SqliteTagTakeover } from '../../src/infrastructure/metadata/sqlite/sqlite-tag-takeover.js';
import { SqliteTreeAdoption } from '../../src/infrastructure/metadata/sqlite/sqlite-tree-adoption.js';
import { DatabaseNames } from '../../src/application/services/database-names.js';
import { IndexComparison } from '../../src/application/services/index-comparison.js';
import { NameComparison } from '../../src/application/services/name-comparison.js';
import { NamePublisher } from '../../src/application/services/name-publisher.js';
import { SettledDifferences } from '../../src/application/services/settled-differences.js';
import { Digest } from '../../src/domain/content/digest.js';
import type { Manifest } from '../../src/domain/manifest/manifest.js';
import { ManifestContents } from '../../src/infrastructure/metadata/sqlite/manifest-contents.js';
import { SqliteBlobIndex } from '../../src/infrastructure/metadata/sqlite/sqlite-blob-index.js';
import { SqliteDatabase } from '../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteManifestIndex } from '../../src/infrastructure/metadata/sqlite/sqlite-manifest-index.js';
import { SqliteNameJournal } from '../../src/infrastructure/metadata/sqlite/sqlite-name-journal.js';
import { SqliteRepositoryCatalog } from '../../src/infrastructure/metadata/sqlite/sqlite-repository-catalog.js';
import { SqliteStoredNames } from '../../src/infrastructure/metadata/sqlite/sqlite-stored-names.js';
import { SqliteTagIndex } from '../../src/infrastructure/metadata/sqlite/sqlite-tag-index.js';
import { VolatileBarrier } from '../../src/infrastructure/metadata/sqlite/volatile-barrier.js';
import { LayoutBlobStore } from '../../src/infrastructure/storage/layout/layout-blob-store.js';
import { LayoutLinkStore } from '../../src/infrastructure/storage/layout/layout-link-store.js';
import { LayoutStoredTree } from '../../src/infrastructure/storage/layout/layout-stored-tree.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import { TagName } from '../../src/domain/tag/tag-name.js';
import { Blob } from '../../src/domain/content/blob.js';
import type { StorageDriver } from '../../src/application/ports/storage/storage-driver.js';
import type { DriverUnderTest } from '../contract/storage-driver.contract.js';
import { memoryUnderTest } from '../contract/storage-under-test.js';
import { QUIET_CONTEXT } from './application-under-test.js';
import { GRACE, ManualClock, NO_NOTES } from './fakes.js';

const ROOT = 'docker/registry/v2';

/** A storage, in memory unless another is named, that a registry has filled: tree and database say the same. */
export class ServedFolder {
  readonly driver: StorageDriver;
  readonly clock = new ManualClock();
  readonly tree: LayoutStoredTree;
  readonly links: LayoutLinkStore;
  readonly store: LayoutBlobStore;
  readonly database: SqliteDatabase;
  readonly blobs: SqliteBlobIndex;
  readonly manifests: SqliteManifestIndex;
  readonly tags: SqliteTagIndex;
  readonly journal: SqliteNameJournal;
  readonly names: NamePublisher;
  readonly comparison: NameComparison;
  readonly databaseNames: DatabaseNames;
  readonly walk: IndexComparison;
  readonly repairs: Readonly<Record<RepairTarget, NameRepair>>;

  readonly #dispose: () => Promise<void>;

  private constructor(storage: DriverUnderTest, database: SqliteDatabase) {
    const { driver } = storage;
    this.driver = driver;
    this.#dispose = () => storage.dispose();
    const tree = (this.tree = new LayoutStoredTree(driver));
    const links = (this.links = new LayoutLinkStore(driver));
    this.store = new LayoutBlobStore(driver);
    const { clock } = this;
    const contents = new ManifestContents(database);
    this.database = database;
    this.blobs = new SqliteBlobIndex(database, GRACE);
    this.manifests = new SqliteManifestIndex(database, contents, GRACE);
    this.tags = new SqliteTagIndex(database, GRACE);
    this.journal = new SqliteNameJournal(database, contents, () => false);
    const barrier = new VolatileBarrier();
    this.names = new NamePublisher(this.journal, links, barrier, NO_NOTES, clock, QUIET_CONTEXT.logger);
    this.comparison = new NameComparison(tree, links, this.journal, this.blobs);
    const catalog = new SqliteRepositoryCatalog(database);
    const names = new DatabaseNames(catalog, this.tags, new SqliteStoredNames(database));
    this.databaseNames = names;
    const settled = new SettledDifferences(tree, this.comparison, clock);
    this.walk = new IndexComparison(tree, names, this.comparison, settled);
    this.repairs = {
      tree: new TreeRepair(this.journal, links, barrier),
      database: this.newDatabaseRepair(this.names),
    };
  }

  /** Takes the tree in; what it deletes is published by `names`. */
  newDatabaseRepair(names: Pick<NamePublisher, 'publish' | 'flush'>): NameRepair {
    const adoption = new RepositoryAdoption(
      this.tree,
      new SqliteTreeAdoption(this.database, GRACE),
      this.clock,
    );
    const takeover = new SqliteTagTakeover(this.database, GRACE);
    return new DatabaseRepair(adoption, takeover, this.comparison, this, names, this.clock);
  }

  static async open(make: () => Promise<DriverUnderTest> = memoryUnderTest): Promise<ServedFolder> {
    const database = await SqliteDatabase.open(undefined, (reason, cause) => {
      throw new Error(reason, { cause });
    });
    return new ServedFolder(await make(), database);
  }

  async close(): Promise<void> {
    this.database.close();
    await this.#dispose();
  }

  async pushBlob(repository: string, content: string): Promise<Digest> {
    const bytes = Buffer.from(content);
    const blob = new Blob(Digest.of('sha256', bytes), bytes.length);
    const push = {
      repository: RepositoryName.parse(repository),
      blob,
      upload: undefined,
      now: this.clock.now(),
    };
    const reservation = await this.blobs.reserve(push);
    await this.store.put(blob.digest, bytes);
    const changes =
      reservation.kind === 'reserved'
        ? await this.blobs.commit(push, reservation.contentId)
        : reservation.kind === 'adopted' && reservation.changes;
    if (!changes) throw new Error('the blob was not taken');
    await this.names.publish(changes);
    return blob.digest;
  }

  /** Pushes the manifest, whose references are there, and moves the tags. */
  async pushManifest(repository: string, manifest: Manifest, tags: readonly string[] = []): Promise<void> {
    const outcome = await this.manifests.put({
      repository: RepositoryName.parseExisting(repository),
      manifest,
      tags: tags.map((tag) => TagName.parse(tag)),
      sparse: false,
      now: this.clock.now(),
    });
    if (outcome.kind !== 'stored') throw new Error(`the manifest was not stored: ${outcome.kind}`);
    await this.names.publish(outcome.changes);
  }

  /** Writes a file of the tree as another program would. `path` is below `docker/registry/v2`. */
  async write(path: string, content: string): Promise<void> {
    await this.driver.putContent(`${ROOT}/${path}`, Buffer.from(content));
  }

  async remove(path: string): Promise<void> {
    await this.driver.remove(`${ROOT}/${path}`);
  }
}

export const inTree = {
  blob: ({ algorithm, hex }: Digest): string => `blobs/${algorithm}/${hex.slice(0, 2)}/${hex}/data`,
  layer: (repository: string, { algorithm, hex }: Digest): string =>
    `repositories/${repository}/_layers/${algorithm}/${hex}/link`,
  revision: (repository: string, { algorithm, hex }: Digest): string =>
    `repositories/${repository}/_manifests/revisions/${algorithm}/${hex}/link`,
  tag: (repository: string, tag: string): string =>
    `repositories/${repository}/_manifests/tags/${tag}/current/link`,
};

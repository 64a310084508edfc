import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import type { NameChange } from '../../../src/application/ports/metadata/name-journal.js';
import {
  sumOfReports,
  type CollectionListener,
  type CollectionReport,
} from '../../../src/application/services/collection-run.js';
import { ContentRemoval } from '../../../src/application/services/content-removal.js';
import { ForeignNames } from '../../../src/application/services/foreign-names.js';
import { NameComparison } from '../../../src/application/services/name-comparison.js';
import { NamePublisher } from '../../../src/application/services/name-publisher.js';
import { SoleWriter } from '../../../src/application/services/sole-writer.js';
import { TreeOwnership } from '../../../src/application/services/tree-ownership.js';
import { TreeRepair } from '../../../src/application/services/tree-repair.js';
import { CollectGarbage } from '../../../src/application/use-cases/maintenance/collect-garbage.js';
import { ReplayNames } from '../../../src/application/use-cases/maintenance/replay-names.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import type { LinkedName } from '../../../src/domain/repository/linked-name.js';
import { Grace } from '../../../src/domain/lifecycle/grace.js';
import { ManifestContents } from '../../../src/infrastructure/metadata/sqlite/manifest-contents.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteDatabaseIdentity } from '../../../src/infrastructure/metadata/sqlite/sqlite-database-identity.js';
import { SqliteNameJournal } from '../../../src/infrastructure/metadata/sqlite/sqlite-name-journal.js';
import { VolatileBarrier } from '../../../src/infrastructure/metadata/sqlite/volatile-barrier.js';
import { LayoutBlobRemoval } from '../../../src/infrastructure/storage/layout/layout-blob-removal.js';
import { LayoutBlobStore } from '../../../src/infrastructure/storage/layout/layout-blob-store.js';
import { LayoutLinkStore } from '../../../src/infrastructure/storage/layout/layout-link-store.js';
import { LayoutRepositoryNames } from '../../../src/infrastructure/storage/layout/layout-repository-names.js';
import { LayoutStoredTree } from '../../../src/infrastructure/storage/layout/layout-stored-tree.js';
import { LayoutTreeChanges } from '../../../src/infrastructure/storage/layout/layout-tree-changes.js';
import { LayoutTreeOwner } from '../../../src/infrastructure/storage/layout/layout-tree-owner.js';
import { SingleInstance } from '../../../src/infrastructure/system/single-instance.js';
import { SystemRandom } from '../../../src/infrastructure/system/system-random.js';
import { beginPush, image, put, repository, tag } from '../../contract/metadata/metadata-actions.js';
import { portsOf, unexpectedEnd, type MetadataPorts } from '../../contract/metadata/metadata-under-test.js';
import type { DriverUnderTest } from '../../contract/storage-driver.contract.js';
import { filesystemUnderTest } from '../../contract/storage-under-test.js';
import { GRACE, ManualClock } from '../../support/fakes.js';
import { TreeInDriver } from '../../support/tree-in-driver.js';
import { RecordingLogger } from '../../unit/observability/recording-logger.js';

const NEVER = new AbortController().signal;
const NOBODY: CollectionListener = {
  due: () => undefined,
  reviewed: () => undefined,
  manifestRemoved: () => undefined,
  removed: () => undefined,
  failed: (_content, error) => {
    throw error;
  },
};

/** A folder that processes of ours share, and into which another registry can write. */
export class SharedTree {
  readonly driver: StorageDriver;
  /** Writes as the reference registry does. */
  readonly reference: TreeInDriver;
  readonly clock = new ManualClock(Date.now());
  readonly #database: string;
  readonly #processes: OurProcess[] = [];
  readonly #disposals: (() => Promise<void>)[];

  private constructor(driver: StorageDriver, folder: string, dispose: () => Promise<void>) {
    this.driver = driver;
    this.reference = new TreeInDriver(driver);
    this.#database = join(folder, 'metadata.db');
    this.#disposals = [dispose, () => rm(folder, { recursive: true })];
  }

  static async open(make: () => Promise<DriverUnderTest> = filesystemUnderTest): Promise<SharedTree> {
    const storage = await make();
    const folder = await mkdtemp(join(tmpdir(), 'stowage-shared-'));
    return new SharedTree(storage.driver, folder, () => storage.dispose());
  }

  /** @param driver what the process sees of the storage */
  async start(driver: StorageDriver = this.driver): Promise<OurProcess> {
    const database = await SqliteDatabase.open(this.#database, unexpectedEnd);
    const isAlive = (id: Uint8Array): boolean => this.#processes.some((each) => each.lives(id));
    const process = new OurProcess(database, driver, this.clock, isAlive);
    this.#processes.push(process);
    return process;
  }

  async dispose(): Promise<void> {
    for (const process of this.#processes) process.kill();
    for (const dispose of this.#disposals) await dispose();
  }
}

/** A process of ours: what it does ends in the database and, sooner or later, in the tree. */
export class OurProcess {
  readonly logger = new RecordingLogger();
  readonly ports: MetadataPorts;
  readonly names: NamePublisher;
  readonly ownership: TreeOwnership;
  readonly #database: SqliteDatabase;
  readonly #driver: StorageDriver;
  readonly #clock: ManualClock;
  readonly #replay: ReplayNames;
  readonly #repair: TreeRepair;
  readonly #collect: CollectGarbage;
  #isDead = false;

  constructor(
    database: SqliteDatabase,
    driver: StorageDriver,
    clock: ManualClock,
    isAlive: (id: Uint8Array) => boolean,
  ) {
    this.#database = database;
    this.#driver = driver;
    this.#clock = clock;
    this.ports = portsOf(database);
    const links = new LayoutLinkStore(driver);
    const journal = new SqliteNameJournal(database, new ManifestContents(database), isAlive);
    const barrier = new VolatileBarrier();
    const identity = new SqliteDatabaseIdentity(database);
    this.ownership = new TreeOwnership(new LayoutTreeOwner(driver), identity, barrier, this.logger, false);
    this.names = new NamePublisher(journal, links, barrier, this.ownership, clock, this.logger);
    this.#replay = new ReplayNames(journal, links, this.names, new SingleInstance(false));
    this.#repair = new TreeRepair(journal, links, barrier);
    const tree = new LayoutStoredTree(driver);
    const foreign = new ForeignNames(
      new LayoutRepositoryNames(driver),
      tree,
      new LayoutTreeChanges(driver),
      journal,
      new NameComparison(tree, links, journal, this.ports.blobs),
      clock,
    );
    const { reviews, removals: contents } = this.ports;
    const removal = new ContentRemoval(
      contents,
      new LayoutBlobRemoval(driver),
      barrier,
      clock,
      new SystemRandom(),
    );
    const writers = new SoleWriter(foreign, this.ownership, this.logger);
    const collected = { reviews, contents, removal, names: this.names, writers };
    this.#collect = new CollectGarbage(collected, clock, GRACE);
  }

  lives(id: Uint8Array): boolean {
    return !this.#isDead && this.#database.instance.equals(id);
  }

  /** What it has not written or flushed yet is left to others. */
  kill(): void {
    if (!this.#isDead) this.#database.close();
    this.#isDead = true;
  }

  async pushBlob(name: string, content: string): Promise<Digest> {
    const push = await beginPush(this.ports, name, content, this.#clock.now());
    const reservation = await this.ports.blobs.reserve(push);
    if (reservation.kind === 'condemned') throw new Error('condemned');
    await new LayoutBlobStore(this.#driver).put(push.blob.digest, Buffer.from(content));
    const changes =
      reservation.kind === 'adopted'
        ? reservation.changes
        : await this.ports.blobs.commit(push, reservation.contentId);
    if (changes === undefined) throw new Error('the reservation ran out');
    await this.names.publish(changes);
    return push.blob.digest;
  }

  /** An image of a configuration and one layer, given by their contents. */
  async pushImage(name: string, config: string, layer: string, tags: readonly string[]): Promise<Digest> {
    const [digest, changes] = await this.commitImage(name, config, layer, tags);
    await this.names.publish(changes);
    return digest;
  }

  /** As above; the link files of the manifest and the tags are still to be written. */
  async commitImage(
    name: string,
    config: string,
    layer: string,
    tags: readonly string[],
  ): Promise<readonly [Digest, readonly NameChange[]]> {
    for (const content of [config, layer]) await this.pushBlob(name, content);
    const manifest = image(config, { layers: [layer] });
    const outcome = await put(this.ports, name, manifest, { tags, now: this.#clock.now() });
    if (outcome.kind !== 'stored') throw new Error(`the image was not stored: ${outcome.kind}`);
    return [manifest.digest, outcome.changes];
  }

  async deleteManifest(name: string, digest: Digest): Promise<void> {
    const outcome = await this.ports.manifests.delete(repository(name), digest, this.#clock.now());
    if (outcome.kind === 'deleted') await this.names.publish(outcome.changes);
  }

  async deleteTag(name: string, text: string): Promise<void> {
    const changes = await this.ports.tags.delete(repository(name), tag(text), this.#clock.now());
    if (changes !== undefined) await this.names.publish(changes);
  }

  /** Writes the link again from the database, as `index repair` does. */
  async repairLink(name: LinkedName): Promise<void> {
    await this.#repair.settle({ kind: 'bytes-missing', name });
    await this.#repair.flush();
  }

  async replay(): Promise<void> {
    await this.#replay.execute();
  }

  async deleteBlob(name: string, digest: Digest): Promise<void> {
    const outcome = await this.ports.blobs.unlink(repository(name), digest, this.#clock.now());
    if (outcome.kind === 'unlinked') await this.names.publish(outcome.changes);
  }

  /** Removes what nothing needs, by default at once. */
  async collect(untagged = false, grace = new Grace(0)): Promise<CollectionReport> {
    const request = { grace, requested: true, untagged, batch: 100, pause: 0 };
    return sumOfReports([await this.#collect.execute(request, NOBODY, NEVER)]);
  }
}

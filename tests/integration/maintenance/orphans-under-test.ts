import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import type { TreeInventory } from '../../../src/application/ports/storage/tree-inventory.js';
import { ContentRemoval } from '../../../src/application/services/content-removal.js';
import { LooseUploads } from '../../../src/application/services/loose-uploads.js';
import { OrphanNames } from '../../../src/application/services/orphan-names.js';
import { OrphanSearch } from '../../../src/application/services/orphan-search.js';
import type { OrphanObserver, OrphanReport } from '../../../src/application/services/orphan-tally.js';
import { RepositoryAdoption } from '../../../src/application/services/repository-adoption.js';
import {
  ScanOrphans,
  type OrphanScanRequest,
} from '../../../src/application/use-cases/maintenance/scan-orphans.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import { SqliteContentRemovals } from '../../../src/infrastructure/metadata/sqlite/sqlite-content-removals.js';
import { SqliteTreeAdoption } from '../../../src/infrastructure/metadata/sqlite/sqlite-tree-adoption.js';
import { VolatileBarrier } from '../../../src/infrastructure/metadata/sqlite/volatile-barrier.js';
import { LayoutBlobRemoval } from '../../../src/infrastructure/storage/layout/layout-blob-removal.js';
import { LayoutTreeChanges } from '../../../src/infrastructure/storage/layout/layout-tree-changes.js';
import { LayoutTreeInventory } from '../../../src/infrastructure/storage/layout/layout-tree-inventory.js';
import { LayoutStoredTree } from '../../../src/infrastructure/storage/layout/layout-stored-tree.js';
import { LayoutUploadStore } from '../../../src/infrastructure/storage/layout/layout-upload-store.js';
import { SystemRandom } from '../../../src/infrastructure/system/system-random.js';
import { HOUR } from '../../contract/metadata/metadata-actions.js';
import { traitsOf, type DriverUnderTest } from '../../contract/storage-driver.contract.js';
import { GRACE, ManualClock } from '../../support/fakes.js';
import { TreeInDriver } from '../../support/tree-in-driver.js';
import { openDatabaseFile, type DatabaseFile } from '../metadata/database-file.js';

const NEVER = new AbortController().signal;
const DAY = 24 * HOUR;

interface ScanOptions extends Partial<OrphanScanRequest> {
  /** How much later (ms) it seems to be on the storage's clock, so that what was just written is old. */
  readonly later?: number;
  readonly inventory?: TreeInventory;
  readonly observe?: OrphanObserver;
  readonly signal?: AbortSignal;
  /** Candidates that are held at once. */
  readonly most?: number;
}

/** A row of content. */
export interface ContentRow {
  readonly state: number;
  readonly size: number;
  readonly due: number | null;
}

/** A tree and a database that knows nothing of it. */
export class OrphansUnderTest {
  readonly driver: StorageDriver;
  readonly tree: TreeInDriver;
  readonly inventory: LayoutTreeInventory;
  readonly clock = new ManualClock(Date.now() + DAY);
  readonly file: DatabaseFile;
  /** How long (ms) the storage's clock may tell the same time. */
  readonly tick: number;
  readonly #dispose: () => Promise<void>;

  private constructor(storage: DriverUnderTest, file: DatabaseFile) {
    const { driver } = storage;
    this.driver = driver;
    this.tick = traitsOf(storage).tick;
    this.tree = new TreeInDriver(driver);
    this.inventory = new LayoutTreeInventory(driver);
    this.file = file;
    this.#dispose = () => storage.dispose();
  }

  static async open(make: () => Promise<DriverUnderTest>): Promise<OrphansUnderTest> {
    return new OrphansUnderTest(await make(), await openDatabaseFile());
  }

  /** By default of what is an hour old, a day later. Each time as by a process that has just begun. */
  scan(options: ScanOptions = {}): Promise<OrphanReport> {
    const { later = DAY, inventory = this.inventory, signal = NEVER } = options;
    const { observe = () => undefined, most } = options;
    const { contents, orphanScans: scans, uploads: sessions } = this.file.ports;
    const adoption = new RepositoryAdoption(
      new LayoutStoredTree(this.driver),
      new SqliteTreeAdoption(this.file.database, GRACE),
      this.clock,
    );
    const changes = new LayoutTreeChanges(this.driver);
    const useCase = new ScanOrphans(
      {
        search: new OrphanSearch(inventory, contents, scans),
        names: new OrphanNames(inventory, contents, adoption),
        uploads: new LooseUploads(inventory, sessions, new LayoutUploadStore(this.driver)),
      },
      {
        inventory,
        changes: {
          mayHaveChanged: (...of) => changes.mayHaveChanged(...of),
          blobFolders: (since) => changes.blobFolders(since),
          now: async () => (await changes.now()) + later,
        },
      },
      { contents, scans },
      this.clock,
      most,
    );
    const { grace = HOUR, uploadAge = HOUR, dryRun = false } = options;
    return useCase.execute({ grace, uploadAge, dryRun }, observe, signal);
  }

  /** Removes what is due by now, and says what that was. */
  async collect(): Promise<readonly string[]> {
    const contents = new SqliteContentRemovals(this.file.database);
    const storage = new LayoutBlobRemoval(this.driver);
    const random = new SystemRandom();
    const removal = new ContentRemoval(contents, storage, new VolatileBarrier(), this.clock, random);
    const now = this.clock.now();
    const due = await contents.dueContents({ dueUntil: now, after: undefined, limit: 100 });
    const removed: string[] = [];
    const listener = {
      removed: ({ digest }: { readonly digest: Digest }) => removed.push(digest.toString()),
      failed: (_content: unknown, error: unknown) => {
        throw error;
      },
    };
    await removal.remove(due, { now, dueUntil: now }, listener, NEVER);
    return removed;
  }

  row(digest: Digest): ContentRow | undefined {
    const code = digest.algorithm === 'sha256' ? 1 : 2;
    return this.file.raw
      .prepare('SELECT state, size, review_after AS due FROM content WHERE digest = ?')
      .get(Buffer.concat([Buffer.from([code]), Buffer.from(digest.hex, 'hex')])) as ContentRow | undefined;
  }

  get rows(): number {
    const row = this.file.raw.prepare('SELECT count(*) AS n FROM content').get() as { n: number };
    return row.n;
  }

  async dispose(): Promise<void> {
    await this.file.dispose();
    await this.#dispose();
  }
}

import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import type { TreeDamage } from '../../../src/application/ports/storage/stored-tree.js';
import { RepositoryAdoption } from '../../../src/application/services/repository-adoption.js';
import {
  AdoptTree,
  type AdoptionCounts,
  type AdoptionReport,
} from '../../../src/application/use-cases/maintenance/adopt-tree.js';
import { SqliteTreeAdoption } from '../../../src/infrastructure/metadata/sqlite/sqlite-tree-adoption.js';
import { LayoutStoredTree } from '../../../src/infrastructure/storage/layout/layout-stored-tree.js';
import { SystemClock } from '../../../src/infrastructure/system/system-clock.js';
import type { DriverUnderTest } from '../../contract/storage-driver.contract.js';
import { memoryUnderTest } from '../../contract/storage-under-test.js';
import { GRACE } from '../../support/fakes.js';
import { TREE_ROOT, TreeInDriver } from '../../support/tree-in-driver.js';
import { openDatabaseFile, type DatabaseFile } from '../metadata/database-file.js';

/** A tree, in memory unless another storage is named, and the database that takes it over. */
export class AdoptionUnderTest {
  readonly driver: StorageDriver;
  readonly tree: TreeInDriver;
  readonly file: DatabaseFile;
  /** What was told to be damaged, as `path reason`, without the root of the tree. */
  readonly damage: string[] = [];
  readonly claims: string[] = [];

  readonly #dispose: () => Promise<void>;

  private constructor(storage: DriverUnderTest, file: DatabaseFile) {
    this.driver = storage.driver;
    this.tree = new TreeInDriver(storage.driver);
    this.file = file;
    this.#dispose = () => storage.dispose();
  }

  static async open(make: () => Promise<DriverUnderTest> = memoryUnderTest): Promise<AdoptionUnderTest> {
    return new AdoptionUnderTest(await make(), await openDatabaseFile());
  }

  get raw(): DatabaseSyncInstance {
    return this.file.raw;
  }

  /** @param stopAfter aborts when so many repositories are done */
  async adopt(
    options: { readonly driver?: StorageDriver; readonly stopAfter?: number } = {},
  ): Promise<AdoptionReport | undefined> {
    const stop = new AbortController();
    const stored = new LayoutStoredTree(options.driver ?? this.driver);
    const adoption = new SqliteTreeAdoption(this.file.database, GRACE);
    const clock = new SystemClock();
    const repositories = new RepositoryAdoption(stored, adoption, clock);
    const ownership = { claim: async () => void this.claims.push('claimed') };
    const progressed = (counts: AdoptionCounts): void => {
      if (counts.repositories === options.stopAfter) stop.abort(new Error('stopped'));
    };
    const damaged = ({ path, reason }: TreeDamage): void => {
      this.damage.push(`${path.slice(TREE_ROOT.length + 1)} ${reason}`);
    };
    const useCase = new AdoptTree(stored, adoption, repositories, ownership, clock);
    return useCase.execute({ progressed, damaged }, stop.signal);
  }

  rows(sql: string): readonly Record<string, unknown>[] {
    return this.raw.prepare(sql).all() as Record<string, unknown>[];
  }

  async dispose(): Promise<void> {
    await this.file.dispose();
    await this.#dispose();
  }
}

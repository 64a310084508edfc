import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DurabilityBarrier } from '../../../../src/application/ports/metadata/durability-barrier.js';
import type { RemovalOutcome } from '../../../../src/application/ports/storage/blob-removal.js';
import { StorageFault } from '../../../../src/application/ports/storage/storage-fault.js';
import type { StorageDriver } from '../../../../src/application/ports/storage/storage-driver.js';
import type { Instances } from '../../../../src/application/ports/system/instances.js';
import { CONTENT_STATE } from '../../../../src/infrastructure/metadata/sql/content-state.js';
import { encodeDigest } from '../../../../src/infrastructure/metadata/sql/digest-codec.js';
import { SqliteDatabase } from '../../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { VolatileBarrier } from '../../../../src/infrastructure/metadata/sqlite/volatile-barrier.js';
import { MemoryDriver } from '../../../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { Digest } from '../../../../src/domain/content/digest.js';
import { unexpectedEnd } from '../../../contract/metadata/metadata-under-test.js';
import { CollectionModel, type ModelRules } from './collection-model.js';
import { openProcess, type CollectionProcess } from './collection-process.js';
import { Scheduler, type Life } from './scheduler.js';
import { SeededChoices } from './seeded-choices.js';
import type { Observer } from './with-points.js';

type SqlValue = string | number | Uint8Array | null;

/** Nothing here is about power: a file in memory is quicker. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const BYTES_OF_BLOB = /^docker\/registry\/v2\/blobs\/(sha256|sha512)\/[0-9a-f]{2}\/([0-9a-f]+)\/data$/;

const LATE = 3;
/** What it does late, it does whoever has died meanwhile. */
const THE_STORAGE: Life = { name: 'the storage', alive: true };

/** One database, one tree, one clock, and the processes that share them. */
export class CollectionWorld {
  readonly scheduler = new Scheduler();
  readonly driver = new MemoryDriver();
  readonly choices: SeededChoices;
  readonly model: CollectionModel;
  /** Sees and does everything, beside the processes. */
  readonly raw: DatabaseSyncInstance;
  readonly path: string;
  /** Those that are alive. */
  readonly processes: CollectionProcess[] = [];
  /** Bytes that were placed while no row stood for them: only a scan of the tree would find them. */
  readonly strays = new Set<string>();
  /** Of the processes that start from now on. */
  barrier: DurabilityBarrier = new VolatileBarrier();
  /** Of a subject that goes, looked at in one transaction; of the processes that start from now on. */
  referrersAtOnce = 1;
  /** Whether the storage removes only after it has said that it could not. */
  late = false;
  /** Whether the storage refuses removals now and then, or leaves them unanswered. */
  faults = false;
  readonly #folder: string;
  readonly #alive = new Set<string>();
  readonly #dead: SqliteDatabase[] = [];
  /** When fences were opened, on this clock. */
  readonly #opened = new Map<string, number>();
  #names = 0;

  private constructor(folder: string, seed: number, rules: ModelRules) {
    this.#folder = folder;
    this.path = join(folder, 'metadata.db');
    this.choices = new SeededChoices(seed);
    this.model = new CollectionModel(rules, () => this.scheduler.now());
    this.raw = new DatabaseSync(this.path, { timeout: 1_000 });
  }

  static async open(seed: number, rules: ModelRules): Promise<CollectionWorld> {
    const folder = await mkdtemp(join(FOLDER, 'stowage-collection-'));
    const made = await SqliteDatabase.open(join(folder, 'metadata.db'), unexpectedEnd);
    made.close();
    return new CollectionWorld(folder, seed, rules);
  }

  async start(): Promise<CollectionProcess> {
    this.#names += 1;
    const life: Life = { name: `process ${this.#names}`, alive: true };
    const database = await SqliteDatabase.open(this.path, unexpectedEnd);
    this.#alive.add(database.instance.toString('hex'));
    const process = openProcess({
      life,
      database,
      driver: this.#onThisClock(),
      driverObserver: this.#noteStrays(),
      barrier: this.barrier,
      scheduler: this.scheduler,
      model: this.model,
      choices: this.choices,
      instances: this.#instances(database),
      referrersAtOnce: this.referrersAtOnce,
    });
    this.processes.push(process);
    return process;
  }

  /** `kill -9` */
  kill(process: CollectionProcess): void {
    this.scheduler.kill(process.life);
    this.processes.splice(this.processes.indexOf(process), 1);
    this.#alive.delete(process.database.instance.toString('hex'));
    this.#dead.push(process.database);
  }

  async close(): Promise<void> {
    for (let last = this.processes.at(-1); last !== undefined; last = this.processes.at(-1)) this.kill(last);
    this.raw.close();
    for (const database of this.#dead) database.close();
    await rm(this.#folder, { recursive: true });
  }

  rows(sql: string, ...parameters: readonly SqlValue[]): readonly Record<string, unknown>[] {
    return this.raw.prepare(sql).all(...parameters);
  }

  #instances(database: SqliteDatabase): Instances {
    const others = () => [...this.#alive].filter((id) => id !== database.instance.toString('hex'));
    return {
      own: database.instance,
      begin: () => undefined,
      end: () => undefined,
      isAlive: (id) => this.#alive.has(Buffer.from(id).toString('hex')),
      hasCompany: () => others().length > 0,
      noteComparedTree: () => undefined,
      othersComparedTree: () => true,
      othersTakeIn: () => false,
      deadOnes: () => [],
      forget: () => undefined,
    };
  }

  /** The driver takes the time from the system; here all live by one clock. */
  #onThisClock(): StorageDriver {
    const { driver } = this;
    const openFence = async (fence: string, tree: string): Promise<void> => {
      await driver.openFence(fence, tree);
      this.#opened.set(fence.slice(fence.lastIndexOf('/') + 1), this.scheduler.now());
    };
    const fencesOpenedBefore = async (folder: string, moment: number): Promise<readonly string[]> => {
      const open = await driver.fencesOpenedBefore(folder, Number.MAX_SAFE_INTEGER);
      return open.filter((token) => (this.#opened.get(token) ?? 0) < moment);
    };
    const removeThroughFence = async (path: string, taken: string): Promise<RemovalOutcome> => {
      const fault = this.late ? LATE : this.faults ? this.choices.int(40) : undefined;
      if (fault === 0) throw new StorageFault('denied', 'not allowed');
      if (fault === 1) throw new StorageFault('broken', 'not done, as it turns out');
      if (fault === LATE) {
        void this.scheduler
          .point(THE_STORAGE, 'late removal')
          .then(() => driver.removeThroughFence(path, taken));
        throw new StorageFault('broken', 'not done yet');
      }
      const outcome = await driver.removeThroughFence(path, taken);
      if (fault === 2) throw new StorageFault('broken', 'done all the same');
      return outcome;
    };
    const own: Partial<StorageDriver> = { openFence, fencesOpenedBefore, removeThroughFence };
    return new Proxy<StorageDriver>(driver, {
      get: (target, key) => {
        const member: unknown = Reflect.get(own, key) ?? Reflect.get(target, key);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  #noteStrays(): Observer<StorageDriver> {
    const note = (path: string): void => {
      const [, algorithm, hex] = BYTES_OF_BLOB.exec(path) ?? [];
      if (algorithm === undefined || hex === undefined) return;
      const digest = Digest.parse(`${algorithm}:${hex}`);
      const [row] = this.rows('SELECT state FROM content WHERE digest = ?', encodeDigest(digest));
      const isKnown = row !== undefined && row['state'] !== CONTENT_STATE.condemned;
      if (isKnown) this.strays.delete(digest.toString());
      else this.strays.add(digest.toString());
    };
    return {
      move: (_moved, _from, to) => note(to),
      putDurably: (_done, path) => note(path),
      putContent: (_done, path) => note(path),
      putContents: (_done, files) => files.forEach(({ path }) => note(path)),
    };
  }
}

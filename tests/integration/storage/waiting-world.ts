import type { BlobIndex } from '../../../src/application/ports/metadata/blob-index.js';
import type { NameJournal } from '../../../src/application/ports/metadata/name-journal.js';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import { BlobCommit } from '../../../src/application/services/blob-commit.js';
import { NamePublisher } from '../../../src/application/services/name-publisher.js';
import { PullBlob } from '../../../src/application/use-cases/blob/pull-blob.js';
import { ReplayNames } from '../../../src/application/use-cases/maintenance/replay-names.js';
import { ManifestContents } from '../../../src/infrastructure/metadata/sqlite/manifest-contents.js';
import { SqliteBlobIndex } from '../../../src/infrastructure/metadata/sqlite/sqlite-blob-index.js';
import type { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteNameJournal } from '../../../src/infrastructure/metadata/sqlite/sqlite-name-journal.js';
import { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { LayoutBlobStore } from '../../../src/infrastructure/storage/layout/layout-blob-store.js';
import { LayoutLinkStore } from '../../../src/infrastructure/storage/layout/layout-link-store.js';
import { SingleInstance } from '../../../src/infrastructure/system/single-instance.js';
import { NOW, repository } from '../../contract/metadata/metadata-actions.js';
import { QUIET_ANNOUNCER, QUIET_CONTEXT } from '../../support/application-under-test.js';
import { GRACE, ManualClock, NOTHING_KEPT, NO_HASHES, NO_NOTES } from '../../support/fakes.js';
import { isInTree, keyOf, parsed, pullable, type Promised } from './promised-blob.js';
import { chance, PortsInTurn, Turns } from './turns.js';
import { VolatileDatabase } from './volatile-database.js';
import { VolatileDisk } from './volatile-disk.js';
import { VolatileFileSystem, type Surroundings } from './volatile-file-system.js';

const NO_REMOVALS = { finish: async (): Promise<void> => undefined };
/** Longer than any pause before the publisher tries again (ms). */
const LATER = 120_000;

type Sync = Surroundings['sync'];

/** A process that takes small blobs. */
export interface SmallBlobRegistry {
  readonly fs: VolatileFileSystem;
  readonly clock: ManualClock;
  readonly database: SqliteDatabase;
  readonly driver: FilesystemDriver;
  readonly links: LayoutLinkStore;
  readonly blobs: BlobIndex;
  readonly names: NamePublisher;
  readonly commit: BlobCommit;
  readonly pull: PullBlob;
  readonly replay: ReplayNames;
}

/**
 * Processes that take small blobs into one database and place them on one disk. A power loss keeps any subset of what the
 * disk was not told to sync, and of the database what was committed before somebody last waited for it, or all.
 */
export class WaitingWorld {
  readonly #disk = VolatileDisk.withFolder('srv');
  readonly #chance: () => number;
  readonly #turns: Turns;
  readonly #ports: PortsInTurn;
  readonly #around: Surroundings;
  readonly #database: VolatileDatabase;
  readonly #promised = new Map<string, Promised>();
  readonly #broken: unknown[] = [];
  readonly #alive = new Set<string>();
  #processes: SmallBlobRegistry[] = [];
  /** What pushes and mounts under way would promise, and what is being unlinked. */
  readonly #expected = new Map<string, number>();
  readonly #unlinked = new Set<string>();

  /** @param template a database without content */
  constructor(seed: number, sync: Sync, template: string) {
    this.#chance = chance(seed);
    this.#turns = new Turns(this.#chance);
    this.#ports = new PortsInTurn(this.#turns);
    this.#around = {
      turn: (of) => this.#turns.wait(of),
      sync: (kind, path) => (this.#turns.free ? 'works' : sync(kind, path)),
      take: (length) => Math.ceil(this.#chance() * length),
    };
    this.#database = new VolatileDatabase(template);
  }

  get promised(): number {
    return this.#promised.size;
  }

  async start(): Promise<SmallBlobRegistry> {
    const fs = new VolatileFileSystem(this.#disk, this.#around);
    const driver = new FilesystemDriver('/srv/registry', fs, NO_HASHES);
    const database = await this.#database.open();
    this.#alive.add(database.instance.toString('hex'));
    const isAlive = (id: Uint8Array) => this.#alive.has(Buffer.from(id).toString('hex'));
    const contents = new ManifestContents(database);
    const journal = this.#ports.of<NameJournal>(fs, new SqliteNameJournal(database, contents, isAlive));
    const blobs = this.#ports.of<BlobIndex>(fs, new SqliteBlobIndex(database, GRACE));
    const clock = new ManualClock();
    const links = new LayoutLinkStore(driver);
    const barrier = { wait: () => this.#database.wait(() => this.#turns.wait(fs)) };
    const { logger } = QUIET_CONTEXT;
    const names = new NamePublisher(journal, links, barrier, NO_NOTES, clock, logger);
    const store = new LayoutBlobStore(driver);
    const commit = new BlobCommit(blobs, store, names, NO_REMOVALS, clock, QUIET_ANNOUNCER, true);
    const pull = new PullBlob(blobs, store, journal, NOTHING_KEPT);
    const replay = new ReplayNames(journal, links, names, new SingleInstance(false));
    const process = { fs, clock, database, driver, links, blobs, names, commit, pull, replay };
    this.#processes.push(process);
    return process;
  }

  push({ commit }: SmallBlobRegistry, promise: Promised): void {
    const { name, blob } = parsed(promise);
    const upload = { repository: name, upload: undefined, blob, bytes: Buffer.from(promise.content) };
    const pushing = async (): Promise<boolean> => {
      await commit.commit(upload, QUIET_CONTEXT);
      return true;
    };
    void this.#watch(this.#promise(promise, pushing));
  }

  mount({ blobs, names }: SmallBlobRegistry, from: string, promise: Promised): void {
    const { name: target, blob } = parsed(promise);
    const request = { digest: blob.digest, source: repository(from), mayUse: () => true, target, now: NOW };
    const mounting = async (): Promise<boolean> => {
      const changes = await blobs.mount(request);
      await names.publish(changes ?? []);
      return changes !== undefined;
    };
    void this.#watch(this.#promise(promise, mounting));
  }

  /** Unless somebody gives it to the repository at this moment: then there is no telling which comes last. */
  unlink({ blobs, names }: SmallBlobRegistry, promise: Promised): void {
    const { name, blob } = parsed(promise);
    const key = keyOf(promise);
    if ((this.#expected.get(key) ?? 0) > 0) return;
    this.#promised.delete(key);
    this.#unlinked.add(key);
    const unlinking = async (): Promise<void> => {
      const outcome = await blobs.unlink(name, blob.digest, NOW);
      if (outcome.kind === 'unlinked') await names.publish(outcome.changes);
      this.#unlinked.delete(key);
    };
    void this.#watch(unlinking());
  }

  flush({ names, clock }: SmallBlobRegistry): void {
    clock.advance(LATER);
    void this.#watch(names.flush());
  }

  replay({ replay }: SmallBlobRegistry): void {
    void this.#watch(replay.execute());
  }

  /** `kill -9` */
  kill(process: SmallBlobRegistry): void {
    this.#turns.kill(process.fs);
    this.#alive.delete(process.database.instance.toString('hex'));
    this.#processes = this.#processes.filter((each) => each !== process);
  }

  async give(turns: number): Promise<void> {
    for (let given = 0; given < turns; given += 1) {
      await this.#ports.settle();
      await this.#turns.give(1);
    }
    await this.#ports.settle();
  }

  losePower(): void {
    for (const process of this.#processes) this.kill(process);
    const kept = this.#chance();
    this.#disk.losePower(() => this.#chance() < kept);
    this.#database.losePower(this.#chance() < 0.5);
    this.#expected.clear();
    this.#unlinked.clear();
  }

  /**
   * Starts the only process there is, and looks what was promised and can not be had: by a pull before the replay and
   * after it, and in the tree.
   */
  async lost(): Promise<readonly string[]> {
    if (this.#broken.length > 0)
      throw new AggregateError(this.#broken, 'something failed for no fault of the disk');
    this.#turns.free = true;
    const process = await this.start();
    const lost = [...(await this.#missing('before the replay', (promise) => pullable(process, promise)))];
    const { left } = await process.replay.execute();
    if (left > 0) lost.push(`${left} changes are left`);
    lost.push(...(await this.#missing('after it', (promise) => pullable(process, promise))));
    lost.push(...(await this.#missing('in the tree', (promise) => isInTree(process, promise))));
    if (this.#database.count('waiting_bytes') > 0) lost.push('bytes wait for nothing');
    this.#turns.free = false;
    return lost;
  }

  close(): void {
    this.#database.close();
  }

  async #missing(when: string, has: (promise: Promised) => Promise<boolean>): Promise<readonly string[]> {
    const missing: string[] = [];
    for (const [key, promise] of this.#promised) if (!(await has(promise))) missing.push(`${key} ${when}`);
    return missing;
  }

  async #promise(promise: Promised, keep: () => Promise<boolean>): Promise<void> {
    const key = keyOf(promise);
    const counts = !this.#unlinked.has(key);
    const expect = (more: number) => this.#expected.set(key, (this.#expected.get(key) ?? 0) + more);
    expect(1);
    const kept = await keep().finally(() => expect(-1));
    if (kept && counts) this.#promised.set(key, promise);
  }

  /** A failed sync may refuse something; it is then not promised, and that is all. */
  async #watch(run: Promise<unknown>): Promise<void> {
    try {
      await run;
    } catch (error) {
      if (!(error instanceof StorageFault)) this.#broken.push(error);
    }
  }
}

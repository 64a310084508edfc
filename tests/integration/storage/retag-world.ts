import type { ManifestIndex } from '../../../src/application/ports/metadata/manifest-index.js';
import type { NameJournal } from '../../../src/application/ports/metadata/name-journal.js';
import { NamePublisher } from '../../../src/application/services/name-publisher.js';
import { ReplayNames } from '../../../src/application/use-cases/maintenance/replay-names.js';
import { keyOfName } from '../../../src/domain/repository/linked-name.js';
import { ManifestContents } from '../../../src/infrastructure/metadata/sqlite/manifest-contents.js';
import type { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteManifestIndex } from '../../../src/infrastructure/metadata/sqlite/sqlite-manifest-index.js';
import { SqliteNameJournal } from '../../../src/infrastructure/metadata/sqlite/sqlite-name-journal.js';
import { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { LayoutLinkStore } from '../../../src/infrastructure/storage/layout/layout-link-store.js';
import { SingleInstance } from '../../../src/infrastructure/system/single-instance.js';
import { index, NOW, repository, tag } from '../../contract/metadata/metadata-actions.js';
import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { GRACE, ManualClock, NO_HASHES, NO_NOTES } from '../../support/fakes.js';
import { chance, PortsInTurn, Turns } from './turns.js';
import { VolatileDatabase } from './volatile-database.js';
import { VolatileDisk } from './volatile-disk.js';
import { VolatileFileSystem } from './volatile-file-system.js';

const REPOSITORY = repository('a');
const TAG = tag('v1');
const NAME = { kind: 'tag', repository: REPOSITORY, tag: TAG } as const;
/** Turns of others. */
const LONGEST_SYNC = 400;
/** More than anybody needs to come to an end. */
const MANY = 100;

/** A process that takes manifests. */
export interface TaggingRegistry {
  readonly fs: VolatileFileSystem;
  readonly database: SqliteDatabase;
  readonly links: LayoutLinkStore;
  readonly manifests: ManifestIndex;
  readonly journal: NameJournal;
  readonly names: NamePublisher;
  readonly replay: ReplayNames;
}

/** Processes that give one tag to manifest after manifest, in one database and one tree, until the power is lost. */
export class RetagWorld {
  readonly #disk = VolatileDisk.withFolder('srv');
  readonly #chance: () => number;
  readonly #turns: Turns;
  readonly #ports: PortsInTurn;
  readonly #database: VolatileDatabase;
  readonly #broken: unknown[] = [];
  #processes: TaggingRegistry[] = [];
  /** What the tag was given, in the order of the transactions. */
  readonly #given: string[] = [];
  /** How many of them there were when the latest that is acknowledged was made. */
  #acknowledged = 0;

  /** @param template a database without content */
  constructor(seed: number, template: string) {
    this.#chance = chance(seed);
    this.#turns = new Turns(this.#chance);
    this.#ports = new PortsInTurn(this.#turns);
    this.#database = new VolatileDatabase(template);
  }

  async start(): Promise<TaggingRegistry> {
    const fs = new VolatileFileSystem(this.#disk, {
      turn: (of) => this.#turns.wait(of),
      sync: () => 'works',
      take: (length) => Math.ceil(this.#chance() * length),
    });
    const database = await this.#database.open();
    const contents = new ManifestContents(database);
    const isAlive = (id: Uint8Array) => this.#processes.some((each) => each.database.instance.equals(id));
    const journal = this.#ports.of<NameJournal>(fs, new SqliteNameJournal(database, contents, isAlive));
    const manifests = this.#ports.of<ManifestIndex>(fs, new SqliteManifestIndex(database, contents, GRACE));
    const links = new LayoutLinkStore(new FilesystemDriver('/srv/registry', fs, NO_HASHES));
    const sync = async (): Promise<void> => {
      for (let left = this.#chance() * LONGEST_SYNC; left > 0; left -= 1) await this.#turns.wait(fs);
    };
    const barrier = { wait: () => this.#database.wait(sync) };
    const clock = new ManualClock();
    const names = new NamePublisher(journal, links, barrier, NO_NOTES, clock, QUIET_CONTEXT.logger);
    const replay = new ReplayNames(journal, links, names, new SingleInstance(false));
    const process = { fs, database, links, manifests, journal, names, replay };
    this.#processes.push(process);
    return process;
  }

  retag({ manifests, names }: TaggingRegistry): void {
    const manifest = index([], String(Math.floor(this.#chance() * 4)));
    const pushing = async (): Promise<void> => {
      const push = { repository: REPOSITORY, manifest, tags: [TAG], sparse: false, now: NOW };
      const outcome = await manifests.put(push);
      if (outcome.kind !== 'stored') throw new Error(outcome.kind);
      const made = this.#given.push(manifest.digest.toString());
      await names.publish(outcome.changes);
      this.#acknowledged = Math.max(this.#acknowledged, made);
    };
    this.#watch(pushing());
  }

  flush({ names }: TaggingRegistry): void {
    this.#watch(names.flush());
  }

  /** Lets everybody come to an end, and all links be durable. */
  async end(): Promise<void> {
    this.#turns.free = true;
    await this.give(MANY);
    for (const process of this.#processes) this.flush(process);
    await this.give(MANY);
    this.#turns.free = false;
  }

  async give(turns: number): Promise<void> {
    for (let given = 0; given < turns; given += 1) {
      await this.#ports.settle();
      await this.#turns.give(1);
    }
    await this.#ports.settle();
  }

  losePower(): void {
    for (const { fs } of this.#processes) this.#turns.kill(fs);
    this.#processes = [];
    const kept = Math.min(1, this.#chance() * 2);
    this.#disk.losePower(() => this.#chance() < kept);
    this.#database.losePower(this.#chance() < 0.5);
  }

  /** Starts the only process there is, and looks what is wrong with the tag. */
  async faults(): Promise<readonly string[]> {
    if (this.#broken.length > 0) throw new AggregateError(this.#broken, 'something failed');
    this.#turns.free = true;
    const { replay, journal, links } = await this.start();
    const { left, changedElsewhere } = await replay.execute();
    const faults = changedElsewhere.map((name) => `${keyOfName(name)} was taken for the reference's`);
    if (left > 0) faults.push(`${left} changes are left`);
    const told = String((await journal.value(NAME))?.target);
    const linked = String(await links.read(NAME));
    if (told !== linked) faults.push(`the tree has ${linked} instead of ${told}`);
    const allowed = this.#given.slice(Math.max(0, this.#acknowledged - 1));
    const isNew = this.#acknowledged === 0 && told === 'undefined';
    if (!isNew && !allowed.includes(told)) faults.push(`${told} is none of ${allowed.join(' ')}`);
    this.#turns.free = false;
    return faults;
  }

  close(): void {
    this.#database.close();
  }

  #watch(run: Promise<unknown>): void {
    run.catch((error: unknown) => this.#broken.push(error));
  }
}

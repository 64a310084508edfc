import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunningDigests } from '../../../src/application/services/running-digests.js';
import { UploadLeases } from '../../../src/application/services/upload-leases.js';
import { ForgetSettledUploads } from '../../../src/application/use-cases/maintenance/forget-settled-uploads.js';
import { PurgeUploads } from '../../../src/application/use-cases/maintenance/purge-uploads.js';
import { AppendChunk } from '../../../src/application/use-cases/upload/append-chunk.js';
import { StartUpload } from '../../../src/application/use-cases/upload/start-upload.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { UploadOutOfOrder, UploadUnknown } from '../../../src/domain/upload/upload-errors.js';
import { REMEMBERED } from '../../../src/domain/upload/upload-session.js';
import type { UploadId } from '../../../src/domain/upload/upload-id.js';
import { ThreadedHashing } from '../../../src/infrastructure/hashing/threaded-hashing.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteUploadSessions } from '../../../src/infrastructure/metadata/sqlite/sqlite-upload-sessions.js';
import { LayoutUploadStore } from '../../../src/infrastructure/storage/layout/layout-upload-store.js';
import { SystemRandom } from '../../../src/infrastructure/system/system-random.js';
import { ReceivedChunks } from '../../../src/infrastructure/system/received-chunks.js';
import { bodyOf, ManualBody, ManualClock } from '../../support/fakes.js';
import { RecordingLogger } from '../../unit/observability/recording-logger.js';
import { observedDriver, systemError } from '../storage/observed-file-system.js';

type Storage = Awaited<ReturnType<typeof observedDriver>>;

const AGE = 60_000;
const BEAT = 1_000;
const UPLOADS = 'docker/registry/v2/repositories/team/app/_uploads';
const STREAM = { range: undefined, length: undefined, locationOffset: undefined };
const repository = RepositoryName.parse('team/app');

/** What one process has of its own over the folder and the database that all share. */
class ServingProcess {
  readonly sessions: SqliteUploadSessions;
  readonly logger = new RecordingLogger();
  readonly purge: PurgeUploads;
  readonly settled: ForgetSettledUploads;
  readonly #database: SqliteDatabase;
  readonly #start: StartUpload;
  readonly #append: AppendChunk;

  private constructor(database: SqliteDatabase, { driver }: Storage, clock: ManualClock) {
    const uploads = new LayoutUploadStore(driver);
    const random = new SystemRandom();
    this.#database = database;
    this.sessions = new SqliteUploadSessions(database, clock);
    const digests = new RunningDigests(new ThreadedHashing());
    const leases = new UploadLeases(this.sessions, uploads, digests, clock, random, new ReceivedChunks());
    this.#start = new StartUpload(this.sessions, clock, random);
    this.#append = new AppendChunk(leases, uploads, clock);
    this.settled = new ForgetSettledUploads(this.sessions, uploads, clock, this.logger);
    const policy = { age: AGE, dryrun: false };
    this.purge = new PurgeUploads(this.sessions, this.settled, clock, this.logger, policy);
  }

  static async begin(storage: Storage, clock: ManualClock): Promise<ServingProcess> {
    const database = await SqliteDatabase.open(`${storage.folder}/metadata.db`, (reason, cause) => {
      throw new Error(reason, { cause });
    });
    return new ServingProcess(database, storage, clock);
  }

  async staged(text: string): Promise<UploadId> {
    const id = await this.#start.execute({ repository, algorithm: 'sha256' });
    await this.write(id, bodyOf(text));
    return id;
  }

  write(id: UploadId, body: ManualBody): Promise<number> {
    return this.#append.execute({ repository, id, claim: STREAM, body });
  }

  end(): void {
    this.#database.close();
  }
}

describe('a purge beside another process', () => {
  let storage: Storage;
  let clock: ManualClock;
  let one: ServingProcess;
  let other: ServingProcess;

  beforeEach(async () => {
    storage = await observedDriver();
    clock = new ManualClock();
    one = await ServingProcess.begin(storage, clock);
    other = await ServingProcess.begin(storage, clock);
  });
  afterEach(async () => {
    one.end();
    other.end();
    await storage.dispose();
  });

  const folders = async () => (await storage.driver.list(UPLOADS)).map(({ name }) => name).toSorted();

  /** Until the database and the disk have done what is to be done. */
  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 10_000; turn += 1) {
      if (await holds()) return;
      await nextTurn();
    }
    throw new Error('it did not come');
  }

  /** Whether the session could not be taken at this moment. */
  async function isHeld(id: UploadId): Promise<boolean> {
    return (await one.sessions.abandoned(clock.now() + 1, { after: undefined, limit: 100 })).every(
      ({ session }) => session.id.toString() !== id.toString(),
    );
  }

  it('leaves the session that the other is writing to, and the bytes go on to count', async () => {
    const [written, left] = [await other.staged('begun,'), await other.staged('left')];
    const body = new ManualBody();
    const running = other.write(written, body);
    await until(() => isHeld(written));
    for (let elapsed = 0; elapsed <= AGE; elapsed += BEAT) {
      body.send('.');
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      clock.advance(BEAT);
    }
    expect(await one.purge.execute()).toEqual({ sessions: 1, bytes: 4 });
    body.end();
    expect(await running).toBe('begun,'.length + 61);
    expect(await other.write(written, bodyOf('!'))).toBe('begun,'.length + 62);
    await expect(other.write(left, bodyOf('more'))).rejects.toBeInstanceOf(UploadUnknown);
    expect(await folders()).toEqual([written.toString()]);
  });

  it('ends the session that a killed process held, an age after its last sign of life', async () => {
    const held = await other.staged('kept');
    const token = new SystemRandom().token();
    const now = clock.now();
    await other.sessions.acquire(repository, held, { token, now, until: now + AGE });
    clock.advance(2 * AGE);
    expect(await one.purge.execute()).toEqual({ sessions: 0, bytes: 0 });
    clock.advance(1);
    expect(await one.purge.execute()).toEqual({ sessions: 1, bytes: 4 });
    expect(await folders()).toEqual([]);
  });

  it('cuts off a request of which nothing has been heard for an age, and keeps nothing of it', async () => {
    const asleep = await other.staged('kept,');
    const body = new ManualBody();
    const running = other.write(asleep, body);
    await until(async () => body.isAwaited);
    clock.advance(2 * AGE);
    expect(await one.purge.execute()).toEqual({ sessions: 1, bytes: 5 });
    body.send('LATE');
    body.end();
    await expect(running).rejects.toBeInstanceOf(UploadOutOfOrder);
    await expect(other.write(asleep, bodyOf('more'))).rejects.toBeInstanceOf(UploadUnknown);
    expect(await folders()).toEqual([]);
  });

  it('ends each session once when both purge at the same time', async () => {
    for (let n = 0; n < 120; n += 1) await (n % 2 === 0 ? one : other).staged('x');
    clock.advance(AGE + 1);
    const [first, second] = await Promise.all([one.purge.execute(), other.purge.execute()]);
    expect(first.sessions + second.sessions).toBe(120);
    await Promise.all([one.settled.execute(), other.settled.execute()]);
    expect(await folders()).toEqual([]);
    expect([...one.logger.lines, ...other.logger.lines].filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('logs a folder that it may not remove, goes on, and another process removes it later', async () => {
    const [locked, free] = [await one.staged('locked'), await one.staged('free')];
    clock.advance(AGE + 1);
    storage.fs.before = ({ name, path }) => {
      if (name === 'unlink' && path.includes(locked.toString())) throw systemError('EACCES');
    };
    expect(await one.purge.execute()).toEqual({ sessions: 2, bytes: 10 });
    expect(await folders()).toEqual([locked.toString()]);
    expect(one.logger.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { upload: locked.toString(), error: { kind: 'denied' } } },
    ]);
    await expect(one.write(free, bodyOf('more'))).rejects.toBeInstanceOf(UploadUnknown);
    storage.fs.before = () => undefined;
    // The row stays until the id alone tells nobody any more that there was a session.
    expect(await other.settled.execute()).toBe(0);
    expect(await folders()).toEqual([]);
    clock.advance(REMEMBERED);
    expect(await other.settled.execute()).toBe(2);
  });

  it('leaves folders of which there is no row', async () => {
    const foreign = `${UPLOADS}/0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f`;
    await storage.driver.putContent(`${foreign}/startedat`, Buffer.from('2001-01-01T00:00:00Z'));
    await storage.driver.putContent(`${foreign}/data`, Buffer.from('of the reference registry'));
    await one.staged('ours');
    clock.advance(AGE + 1);
    expect(await one.purge.execute()).toMatchObject({ sessions: 1 });
    expect(await storage.driver.list(foreign)).toHaveLength(2);
  });
});

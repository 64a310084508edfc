import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BodyCut } from '../../../src/application/services/upload-body.js';
import { RunningDigests } from '../../../src/application/services/running-digests.js';
import { UploadLeases } from '../../../src/application/services/upload-leases.js';
import { AppendChunk } from '../../../src/application/use-cases/upload/append-chunk.js';
import { GetUploadStatus } from '../../../src/application/use-cases/upload/get-upload-status.js';
import { StartUpload } from '../../../src/application/use-cases/upload/start-upload.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { UploadOutOfOrder, UploadUnknown } from '../../../src/domain/upload/upload-errors.js';
import type { UploadId } from '../../../src/domain/upload/upload-id.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteUploadSessions } from '../../../src/infrastructure/metadata/sqlite/sqlite-upload-sessions.js';
import { ThreadedHashing } from '../../../src/infrastructure/hashing/threaded-hashing.js';
import { MemoryDriver } from '../../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { LayoutUploadStore } from '../../../src/infrastructure/storage/layout/layout-upload-store.js';
import { SystemRandom } from '../../../src/infrastructure/system/system-random.js';
import { ReceivedChunks } from '../../../src/infrastructure/system/received-chunks.js';
import { bodyOf, ManualBody, ManualClock } from '../../support/fakes.js';

const repository = RepositoryName.parse('team/app');
const STREAM = { range: undefined, length: undefined, locationOffset: undefined };

describe('the lease of an upload', () => {
  let database: SqliteDatabase;
  let clock: ManualClock;
  let sessions: SqliteUploadSessions;
  let uploads: LayoutUploadStore;
  let status: GetUploadStatus;
  let id: UploadId;

  beforeEach(async () => {
    database = await SqliteDatabase.open(undefined, (reason, cause) => {
      throw new Error(reason, { cause });
    });
    clock = new ManualClock();
    sessions = new SqliteUploadSessions(database, clock);
    uploads = new LayoutUploadStore(new MemoryDriver());
    status = new GetUploadStatus(sessions, uploads, leasesOfProcess());
    id = await new StartUpload(sessions, clock, new SystemRandom()).execute({
      repository,
      algorithm: 'sha256',
    });
  });
  afterEach(() => database.close());

  /** One process: its leases are its own, files and rows are shared. */
  function leasesOfProcess(): UploadLeases {
    return new UploadLeases(
      sessions,
      uploads,
      new RunningDigests(new ThreadedHashing()),
      clock,
      new SystemRandom(),
      new ReceivedChunks(),
    );
  }

  function appender(leases = leasesOfProcess()): AppendChunk {
    return new AppendChunk(leases, uploads, clock);
  }

  async function append(process: AppendChunk, body: ManualBody): Promise<number> {
    return process.execute({ repository, id, claim: STREAM, body });
  }

  async function turns(): Promise<void> {
    for (let n = 0; n < 20; n += 1) await nextTurn();
  }

  it('keeps what arrived of a body that is cut', async () => {
    const body = new ManualBody();
    const running = append(appender(), body);
    body.send('kept');
    await turns();
    body.cut();
    await expect(running).rejects.toBeInstanceOf(BodyCut);
    expect(await status.execute({ repository, id })).toBe(4);
  });

  it('tells a client that asks at once what arrived of a body that was cut', async () => {
    const leases = leasesOfProcess();
    const body = new ManualBody();
    const running = append(appender(leases), body);
    body.send('kept');
    await turns();
    body.cut();
    await nextTurn();
    const asked = new GetUploadStatus(sessions, uploads, leases).execute({ repository, id });
    await expect(running).rejects.toBeInstanceOf(BodyCut);
    expect(await asked).toBe(4);
  });

  it('lets a second writer of the same process in once the first has been silent, and keeps both parts', async () => {
    const process = appender();
    const fence = (await sessions.find(repository, id))!.fence;
    const silent = new ManualBody();
    const first = append(process, silent);
    silent.send('first,');
    await turns();
    clock.advance(5_000);
    const second = append(process, bodyOf('second'));
    await expect(first).rejects.toBeInstanceOf(BodyCut);
    expect(await second).toBe(12);
    const session = await sessions.find(repository, id);
    expect(await uploads.size({ repository, id, fence: session!.fence })).toBe(12);
    expect(session!.fence).toBe(fence);
  });

  it('refuses a second writer with 416 while the first is alive', async () => {
    const process = appender();
    const body = new ManualBody();
    const first = append(process, body);
    const talk = clock.every(500, () => body.send('.'));
    await turns();
    await expect(append(process, bodyOf('x'))).rejects.toBeInstanceOf(UploadOutOfOrder);
    talk();
    body.end();
    expect(await first).toBeGreaterThan(0);
  });

  it('breaks the lease of another process that has fallen silent; what it writes later reaches nobody', async () => {
    const [sleeper, other] = [appender(), appender()];
    expect(await append(sleeper, bodyOf('kept,'))).toBe(5);
    const late = new ManualBody();
    const asleep = append(sleeper, late);
    await turns();
    clock.advance(6_000);
    expect(await append(other, bodyOf('new'))).toBe(8);
    late.send('LATE');
    late.end();
    await expect(asleep).rejects.toBeInstanceOf(UploadOutOfOrder);
    expect(await status.execute({ repository, id })).toBe(8);
    expect(await append(other, bodyOf('!'))).toBe(9);
  });

  it('is no session any more when the staged file has lost acknowledged bytes', async () => {
    await append(appender(), bodyOf('bytes'));
    await uploads.remove(repository, id);
    await expect(append(appender(), bodyOf('more'))).rejects.toBeInstanceOf(UploadUnknown);
    await expect(status.execute({ repository, id })).rejects.toBeInstanceOf(UploadUnknown);
  });

  it('is taken by each of many requests in turn, and none loses a byte', async () => {
    const process = appender();
    const all = await Promise.all(Array.from({ length: 10 }, () => append(process, bodyOf('0123456789'))));
    expect(all.toSorted((a, b) => a - b)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  });
});

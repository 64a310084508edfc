import { expect, it } from 'vitest';
import type { StorageWriter } from '../../src/application/ports/storage/storage-driver.js';
import { StorageFault } from '../../src/application/ports/storage/storage-fault.js';
import type { StagedFile } from '../../src/application/ports/storage/upload-store.js';
import { RunningDigests } from '../../src/application/services/running-digests.js';
import { UploadLeases } from '../../src/application/services/upload-leases.js';
import { StartUpload } from '../../src/application/use-cases/upload/start-upload.js';
import { Digest } from '../../src/domain/content/digest.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import { ThreadedHashing } from '../../src/infrastructure/hashing/threaded-hashing.js';
import { SqliteDatabase } from '../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteUploadSessions } from '../../src/infrastructure/metadata/sqlite/sqlite-upload-sessions.js';
import { MemoryDriver } from '../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { LayoutUploadStore } from '../../src/infrastructure/storage/layout/layout-upload-store.js';
import { SystemRandom } from '../../src/infrastructure/system/system-random.js';
import { ReceivedChunks } from '../../src/infrastructure/system/received-chunks.js';
import { QUIET_CONTEXT } from '../support/application-under-test.js';
import { bodyOf, ManualClock } from '../support/fakes.js';

/** Writes into memory until its disk is full. */
class FullUploadStore extends LayoutUploadStore {
  full = false;

  override async openWriter(staged: StagedFile, offset: number): Promise<StorageWriter | undefined> {
    const writer = await super.openWriter(staged, offset);
    if (writer === undefined || !this.full) return writer;
    return {
      write: () => Promise.reject(new StorageFault('full', 'no space left')),
      flush: () => writer.flush(),
      close: () => writer.close(),
    };
  }
}

it('an upload that goes on after a full disk has the digest of the bytes that were kept', async () => {
  const repository = RepositoryName.parse('team/app');
  const database = await SqliteDatabase.open(undefined, (reason) => {
    throw new Error(reason);
  });
  const [clock, random] = [new ManualClock(), new SystemRandom()];
  const sessions = new SqliteUploadSessions(database, clock);
  const uploads = new FullUploadStore(new MemoryDriver());
  const leases = new UploadLeases(
    sessions,
    uploads,
    new RunningDigests(new ThreadedHashing()),
    clock,
    random,
    new ReceivedChunks(),
  );
  const id = await new StartUpload(sessions, clock, random).execute({ repository, algorithm: 'sha256' });
  const append = async (text: string): Promise<void> =>
    leases.hold(repository, id, async (held) => held.receive(bodyOf(text), undefined, 'sha256'));

  await append('kept, ');
  uploads.full = true;
  await expect(append('lost')).rejects.toBeInstanceOf(StorageFault);
  uploads.full = false;
  await append('kept too');
  const digest = await leases.hold(repository, id, async (held) => held.digest('sha256', QUIET_CONTEXT));
  expect(String(digest)).toBe(String(Digest.of('sha256', Buffer.from('kept, kept too'))));
  database.close();
});

import { EventAnnouncer } from '../../src/application/services/event-announcer.js';
import { EventSubscriptions } from '../../src/application/services/event-subscriptions.js';
import { SystemClock } from '../../src/infrastructure/system/system-clock.js';
import { BlobCommit } from '../../src/application/services/blob-commit.js';
import { NamePublisher } from '../../src/application/services/name-publisher.js';
import { RunningDigests } from '../../src/application/services/running-digests.js';
import { UploadLeases } from '../../src/application/services/upload-leases.js';
import { WholeBodies } from '../../src/application/services/whole-bodies.js';
import { CancelUpload } from '../../src/application/use-cases/upload/cancel-upload.js';
import { CompleteUpload } from '../../src/application/use-cases/upload/complete-upload.js';
import { StartUpload } from '../../src/application/use-cases/upload/start-upload.js';
import { ANYBODY } from '../../src/domain/access/principal.js';
import type { RequestContext } from '../../src/application/request-context.js';
import { ThreadedHashing } from '../../src/infrastructure/hashing/threaded-hashing.js';
import { SqliteBlobIndex } from '../../src/infrastructure/metadata/sqlite/sqlite-blob-index.js';
import { SqliteDatabase } from '../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { ManifestContents } from '../../src/infrastructure/metadata/sqlite/manifest-contents.js';
import { SqliteNameJournal } from '../../src/infrastructure/metadata/sqlite/sqlite-name-journal.js';
import { SqliteUploadSessions } from '../../src/infrastructure/metadata/sqlite/sqlite-upload-sessions.js';
import { VolatileBarrier } from '../../src/infrastructure/metadata/sqlite/volatile-barrier.js';
import { MemoryDriver } from '../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { LayoutBlobStore } from '../../src/infrastructure/storage/layout/layout-blob-store.js';
import { LayoutLinkStore } from '../../src/infrastructure/storage/layout/layout-link-store.js';
import { LayoutUploadStore } from '../../src/infrastructure/storage/layout/layout-upload-store.js';
import { SystemRandom } from '../../src/infrastructure/system/system-random.js';
import { ReceivedChunks } from '../../src/infrastructure/system/received-chunks.js';
import { GRACE, ManualClock, NO_NOTES } from './fakes.js';

/** The use cases of uploads over the adapters in memory, with a clock that a test sets. */
export class ApplicationUnderTest {
  readonly clock = new ManualClock();
  readonly random = new SystemRandom();
  readonly driver = new MemoryDriver();
  readonly uploads = new LayoutUploadStore(this.driver);
  readonly blobs = new LayoutBlobStore(this.driver);
  readonly database: SqliteDatabase;
  readonly sessions: SqliteUploadSessions;
  readonly index: SqliteBlobIndex;
  readonly leases: UploadLeases;
  readonly commit: BlobCommit;
  readonly start: StartUpload;
  readonly cancel: CancelUpload;
  readonly complete: CompleteUpload;

  private constructor(database: SqliteDatabase) {
    const { clock, uploads, blobs, random } = this;
    this.database = database;
    this.sessions = new SqliteUploadSessions(database, clock);
    this.index = new SqliteBlobIndex(database, GRACE);
    const hashing = new ThreadedHashing();
    const digests = new RunningDigests(hashing);
    this.leases = new UploadLeases(this.sessions, uploads, digests, clock, random, new ReceivedChunks());
    const journal = new SqliteNameJournal(database, new ManifestContents(database), () => false);
    const links = new LayoutLinkStore(this.driver);
    const names = new NamePublisher(
      journal,
      links,
      new VolatileBarrier(),
      NO_NOTES,
      clock,
      QUIET_CONTEXT.logger,
    );
    const removals = { finish: async (): Promise<void> => undefined };
    this.commit = new BlobCommit(this.index, blobs, names, removals, clock, QUIET_ANNOUNCER, true);
    this.start = new StartUpload(this.sessions, clock, random);
    this.cancel = new CancelUpload(this.sessions, uploads, clock);
    this.complete = new CompleteUpload(
      this.sessions,
      uploads,
      blobs,
      this.leases,
      this.commit,
      new WholeBodies(hashing),
      this.cancel,
    );
  }

  static async open(): Promise<ApplicationUnderTest> {
    const database = await SqliteDatabase.open(undefined, (reason, cause) => {
      throw new Error(reason, { cause });
    });
    return new ApplicationUnderTest(database);
  }

  close(): void {
    this.database.close();
  }
}

/** The context of a request that nobody cancels and that logs nothing. */
export const QUIET_CONTEXT: RequestContext = {
  requestId: 'test',
  principal: ANYBODY,
  signal: new AbortController().signal,
  logger: {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    child: () => QUIET_CONTEXT.logger,
  },
  origin: {
    request: { id: 'test', addr: '127.0.0.1:1', host: 'registry.test', method: 'PUT', userAgent: 'tests' },
    claimedUser: undefined,
    base: 'http://registry.test',
  },
};

/** Nobody wants to be told of anything. */
export const QUIET_ANNOUNCER = new EventAnnouncer(
  new EventSubscriptions(),
  new SystemClock(),
  new SystemRandom(),
  {
    addr: 'test:5000',
    instanceId: 'test',
  },
);

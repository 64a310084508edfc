import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { writeWalHeader } from './wal-header.js';

/** One page and its header in the WAL, in bytes. */
const FRAME = 4096 + 24;
const BUSY_TIMEOUT = 200;
const PAGE_CACHE_KIB = 2_000;

interface CheckpointRow {
  /** 1 when it could not be done, or not to its end. */
  readonly busy: number;
  /** Frames in the WAL, and how many of them are in the database file; -1 when not known. */
  readonly log: number;
  readonly checkpointed: number;
}

/** Moves committed pages from the WAL into the database file, by a connection of its own. It waits, so it needs a thread. */
export class WalCheckpoint {
  readonly #connection: DatabaseSyncInstance;
  readonly #version: StatementSyncInstance;
  readonly #passive: StatementSyncInstance;
  readonly #restart: StatementSyncInstance;
  readonly #limit: number;
  #seen = -1;
  #behind = false;

  /** @param limit in bytes, above which the WAL is made to begin anew though writers must wait for it */
  constructor(path: string, limit: number) {
    this.#limit = limit;
    this.#connection = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
    // Per connection, and never stored: OFF in any one of them would break the barrier of all.
    this.#connection.exec('PRAGMA synchronous = NORMAL');
    this.#connection.exec('PRAGMA wal_autocheckpoint = 0');
    this.#connection.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}`);
    this.#version = this.#connection.prepare('PRAGMA data_version');
    this.#passive = this.#connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    this.#restart = this.#connection.prepare('PRAGMA wal_checkpoint(RESTART)');
  }

  /**
   * Checkpoints what was committed since the last call, without making anybody wait; only above the limit writers
   * wait for the rest. Nothing to do costs one look.
   * @throws errors of SQLite: a failed sync is final
   */
  step(): void {
    const version = (this.#version.get() as { data_version: number }).data_version;
    if (version === this.#seen && !this.#behind) return;
    this.#seen = version;
    let result = this.#run(this.#passive);
    if (result.log * FRAME > this.#limit) {
      // The second pass takes what was written during the first, so that the lock is held only for the rest.
      this.#run(this.#passive);
      result = this.#run(this.#restart);
    }
    const complete = result.busy === 0 && result.checkpointed === result.log;
    this.#behind = !complete || result.log > 1;
    if (!complete || result.log <= 1) return;
    // A WAL that is wholly in the database file begins anew with the next write. One frame is such a beginning.
    writeWalHeader(this.#connection);
    this.#behind = false;
  }

  close(): void {
    this.#connection.close();
  }

  #run(statement: StatementSyncInstance): CheckpointRow {
    return statement.get() as CheckpointRow;
  }
}

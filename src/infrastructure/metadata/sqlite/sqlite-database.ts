import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { randomBytes } from 'node:crypto';
import type { Statement } from '../sql/statement.js';
import { openConnection, openReadOnlyConnection, type OpenOptions } from './open-connection.js';
import { PreparedStatement } from './prepared-statement.js';
import { isFailedSync, sqliteFault } from './sqlite-fault.js';
import { SharedSnapshot } from './shared-snapshot.js';
import type { TransactionCounts } from './transaction-counts.js';
import { TransactionRunner } from './transaction.js';

/** What ends the process when going on could acknowledge what is lost. The reason is a sentence. */
export type OnFatal = (reason: string, cause: unknown) => void;

/**
 * The one connection of this process for requests, and its statements: they do not keep a database alive, nor does it
 * close while they live, so nobody else holds them.
 */
export class SqliteDatabase {
  /** Where SQLite keeps what is not yet in the database file; undefined in memory. */
  readonly walPath: string | undefined;
  /** Symbolic links resolved; undefined in memory. */
  readonly path: string | undefined;
  /** 16 bytes that tell this process from every other one that uses the database. */
  readonly instance: Buffer;
  readonly #connection: DatabaseSyncInstance;
  readonly #transactions: TransactionRunner;
  readonly #snapshot: SharedSnapshot;
  #inTransaction = false;
  readonly #statements = new Set<{ release(): void }>();

  readonly #readOnly: boolean;

  private constructor(
    connection: DatabaseSyncInstance,
    onFatal: OnFatal,
    instance: Buffer,
    readOnly = false,
  ) {
    this.#readOnly = readOnly;
    this.#connection = connection;
    this.instance = instance;
    this.path = connection.location() ?? undefined;
    this.walPath = this.path === undefined ? undefined : `${this.path}-wal`;
    this.#snapshot = new SharedSnapshot(connection);
    this.#transactions = new TransactionRunner(
      connection,
      () => this.#snapshot.end(),
      (error) => {
        if (isFailedSync(error)) onFatal('the metadata database could not be made durable', error);
      },
    );
  }

  /**
   * Opens the database, makes it when it is not there, and brings its schema up to date.
   * @param path of the file; undefined for a database in memory, which ends with the process
   * @throws DatabaseRefused when it is no database of this program, a newer one, or not the one that the folder
   * belongs to; it is then left as it is
   * @throws MetadataUnavailable when the disk is full, fails or is read-only
   */
  static async open(
    path: string | undefined,
    onFatal: OnFatal,
    instance: Buffer = randomBytes(16),
    options: OpenOptions = {},
  ): Promise<SqliteDatabase> {
    const connection = await openConnection(path, options);
    return new SqliteDatabase(connection, onFatal, instance);
  }

  /**
   * Opens a database that is there to read it: nothing of it is changed, not even its schema. Others may write to it.
   * @throws DatabaseRefused when it is not there, or not as this version has it; MetadataUnavailable
   */
  static openReadOnly(path: string, onFatal: OnFatal, instance: Buffer = randomBytes(16)): SqliteDatabase {
    return new SqliteDatabase(openReadOnlyConnection(path), onFatal, instance, true);
  }

  /** Prepared once, at start; it lives until `close`. */
  prepare<P extends readonly unknown[], R>(statement: Statement<P, R>): PreparedStatement<P, R> {
    const prepared = new PreparedStatement<P, R>(this.#connection.prepare(statement.sql), this.#beforeRead);
    this.#statements.add(prepared);
    return prepared;
  }

  readonly #beforeRead = (): void => {
    if (!this.#inTransaction) this.#snapshot.beforeRead();
  };

  get transactions(): TransactionCounts {
    return this.#transactions.counts;
  }

  /** See TransactionRunner.run. */
  transaction<T>(work: () => T): Promise<T> {
    return this.#transactions.run(() => this.#inside(work));
  }

  /** Runs reads that must agree with one another. */
  snapshot<T>(read: () => T): T {
    this.#snapshot.end();
    this.#connection.exec('BEGIN');
    try {
      return this.#inside(read);
    } finally {
      this.#connection.exec('COMMIT');
    }
  }

  #inside<T>(work: () => T): T {
    this.#inTransaction = true;
    try {
      return work();
    } finally {
      this.#inTransaction = false;
    }
  }

  /** Tables of this connection alone, which end with it; the database may be open read-only. */
  addTemporaryTables(definitions: readonly string[]): void {
    for (const sql of definitions) this.#connection.exec(sql);
  }

  /**
   * Moves what is committed into the database file, which takes two syncs. Only for a database without a checkpointer's
   * thread.
   * @throws errors of SQLite: a failed sync is final
   */
  checkpoint(): void {
    this.#snapshot.end();
    this.#connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /**
   * Moves everything into the database file and closes it. Call it when no request runs any more and the checkpointer
   * has ended.
   * @throws MetadataUnavailable when the disk is full or fails: the database is closed, and the WAL keeps the rest
   */
  close(): void {
    this.#snapshot.end();
    for (const statement of this.#statements) statement.release();
    this.#statements.clear();
    try {
      if (this.path !== undefined && !this.#readOnly) this.#checkpoint();
    } catch (error) {
      throw sqliteFault(error);
    } finally {
      this.#connection.close();
    }
  }

  /** SQLite leaves its own closing checkpoint out when a statement still waits to be collected. */
  #checkpoint(): void {
    this.#connection.exec('PRAGMA busy_timeout = 1000');
    this.#connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }
}

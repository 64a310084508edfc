import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { Kysely } from 'kysely';
import { migrate } from '../sql/migrate.js';
import { MIGRATIONS } from '../sql/migrations/migrations.js';
import { assertOwner, assertOwnerExists, type ExpectedOwner } from './assert-owner.js';
import { DatabaseRefused } from './database-refused.js';
import { makeDurableFolder } from './durable-folder.js';
import { MigrationDialect } from './sqlite-dialect.js';
import { isBusy, sqliteFault } from './sqlite-fault.js';
import { APPLICATION_ID, writeWalHeader } from './wal-header.js';

/** Waiting (ms) is right while opening, where another process may recover the WAL; afterwards it would stop the loop. */
const OPENING_TIMEOUT = 5_000;
/** Whoever else has it does not give it up. */
const TIMEOUT_ALONE = 200;
const PAGE_CACHE_KIB = 32_768;
const NOT_A_DATABASE = 26;
const IDENTITY = '0003-database-identity';

export interface OpenOptions {
  /** What the storage's folder says of its database; undefined when it says nothing. */
  readonly owner?: ExpectedOwner | undefined;
  /** Keeps every other connection out, and needs no memory that processes share: for network file systems. */
  readonly alone?: boolean;
}

/**
 * An open connection with the settings that everything here rests on, and the newest schema.
 * @throws DatabaseRefused, MetadataUnavailable; errors of the system when the folder can not be made
 */
export async function openConnection(
  path: string | undefined,
  { owner, alone = false }: OpenOptions = {},
): Promise<DatabaseSyncInstance> {
  assertOwnerExists(path, owner);
  if (path !== undefined) makeDurableFolder(path);
  const connection = openFile(path, alone ? TIMEOUT_ALONE : OPENING_TIMEOUT);
  try {
    // Before the first look at the file: only then SQLite does without shared memory.
    if (alone) connection.exec('PRAGMA locking_mode = EXCLUSIVE');
    const executed = readExecuted(connection, path);
    assertOwner(connection, path, owner, executed.includes(IDENTITY));
    configure(connection, path);
    if (executed.length < Object.keys(MIGRATIONS).length) await bringUpToDate(connection);
    writeWalHeader(connection);
    connection.exec('PRAGMA busy_timeout = 0');
    return connection;
  } catch (error) {
    connection.close();
    throw alone && isBusy(error) ? inUse(error, path) : asRefusal(error, path);
  }
}

/**
 * A connection that only reads a database that is there, and has the newest schema. Nothing of it is changed.
 * @throws DatabaseRefused, MetadataUnavailable
 */
export function openReadOnlyConnection(path: string): DatabaseSyncInstance {
  const connection = openFile(path, OPENING_TIMEOUT, true);
  try {
    if (readExecuted(connection, path).length < Object.keys(MIGRATIONS).length) {
      throw new DatabaseRefused(
        `the metadata database ${path} is of an older version of Stowage; start \`stowage serve\` once with this one`,
      );
    }
    connection.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}`);
    return connection;
  } catch (error) {
    connection.close();
    throw asRefusal(error, path);
  }
}

function inUse(error: unknown, path: string | undefined): DatabaseRefused {
  return new DatabaseRefused(
    `the metadata database ${path} is in use by another process, and its file system allows only one; ` +
      'stop that one, or name a file on a local disk as metadata.sqlite.path',
    { cause: error },
  );
}

function openFile(path: string | undefined, timeout: number, readOnly = false): DatabaseSyncInstance {
  try {
    return new DatabaseSync(path ?? ':memory:', { timeout, readOnly });
  } catch (error) {
    throw asRefusal(error, path);
  }
}

/** The names of the migrations it has been through. Nothing is written before they are known. */
function readExecuted(connection: DatabaseSyncInstance, path: string | undefined): readonly string[] {
  const tables = rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'");
  const ours = tables.some(({ name }) => name === 'kysely_migration');
  if (tables.length > 0 && (!ours || !isOurs(connection))) {
    throw new DatabaseRefused(`${path} is a database, but not one of Stowage; name another file`, {
      mustStay: true,
    });
  }
  if (!ours) return [];
  const executed = rows(connection, 'SELECT name FROM kysely_migration').map(({ name }) => String(name));
  const newer = executed.filter((name) => !(name in MIGRATIONS));
  if (newer.length > 0) {
    throw new DatabaseRefused(
      `the metadata database ${path} was written by a newer version of Stowage (${newer.join(', ')}); ` +
        'start that version, or name another file',
      { mustStay: true },
    );
  }
  return executed;
}

function isOurs(connection: DatabaseSyncInstance): boolean {
  const id = rows(connection, 'PRAGMA application_id')[0]?.['application_id'];
  // A process that ended between its migration and its first write has left 0.
  return id === APPLICATION_ID || id === 0;
}

function configure(connection: DatabaseSyncInstance, path: string | undefined): void {
  const mode = rows(connection, 'PRAGMA journal_mode = WAL')[0]?.['journal_mode'];
  if (path !== undefined && mode !== 'wal') {
    throw new DatabaseRefused(`the file system of ${path} does not allow SQLite's WAL; name a local file`);
  }
  connection.exec('PRAGMA synchronous = NORMAL');
  // Checkpoints belong to the checkpointer's thread: here each would stop every request.
  connection.exec('PRAGMA wal_autocheckpoint = 0');
  connection.exec('PRAGMA foreign_keys = ON');
  connection.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}`);
  connection.exec('PRAGMA temp_store = MEMORY');
}

async function bringUpToDate(connection: DatabaseSyncInstance): Promise<void> {
  const kysely = new Kysely<unknown>({ dialect: new MigrationDialect(connection) });
  try {
    await migrate(kysely);
  } finally {
    await kysely.destroy();
  }
}

function rows(connection: DatabaseSyncInstance, sql: string): readonly Readonly<Record<string, unknown>>[] {
  return connection.prepare(sql).all() as Record<string, unknown>[];
}

function asRefusal(error: unknown, path: string | undefined): unknown {
  if (error instanceof Error && 'errcode' in error && error.errcode === NOT_A_DATABASE) {
    return new DatabaseRefused(`${path} is not a database; name another file`, { cause: error });
  }
  return sqliteFault(error);
}

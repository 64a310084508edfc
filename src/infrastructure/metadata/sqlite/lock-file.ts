import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { existsSync, renameSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { makeDurableFolder } from './durable-folder.js';
import { isBusy, isNoDatabase, sqliteFault } from './sqlite-fault.js';

/*
 * Locks that end with the process, also with `kill -9`: an open transaction on a small SQLite file in rollback mode.
 * Such a file is never opened by `fs`: that would drop the lock of the process (https://www.sqlite.org/howtocorrupt.html,
 * section 2.2). Looking at it with `stat`, renaming and removing it are harmless.
 */

/** How long (ms) a lock is waited for that somebody else only tried. */
const PATIENCE = 200;

/** A lock that is held until it is released, or the process ends. */
export class HeldLock {
  readonly #connection: DatabaseSyncInstance;

  constructor(connection: DatabaseSyncInstance) {
    this.#connection = connection;
  }

  release(): void {
    this.#connection.exec('ROLLBACK');
    this.#connection.close();
  }
}

/**
 * Holds a lock beside others who hold it so; undefined when somebody holds it exclusively. Makes the file, with its
 * folders, when it is not there.
 */
export function acquireShared(path: string): HeldLock | undefined {
  makeDurableFolder(path);
  return hold(connect(path, PATIENCE), SHARED);
}

/** The same in a folder that can not be written: `absent` when there is no file, and so nothing to hold. */
export function acquireSharedReadOnly(path: string): HeldLock | 'absent' | undefined {
  if (!existsSync(path)) return 'absent';
  return hold(open(path, { readOnly: true, timeout: PATIENCE }), SHARED);
}

/** Holds a lock alone; undefined when anybody else holds it. Makes the file, with its folders, when it is not there. */
export function acquireExclusive(path: string): HeldLock | undefined {
  makeDurableFolder(path);
  return hold(connect(path, PATIENCE), 'BEGIN EXCLUSIVE');
}

/**
 * Makes a lock file that nobody else may hold, with a note that everybody may read. It appears at its path with the
 * note in it and the lock held.
 */
export function createHeld(path: string, note: string): HeldLock {
  makeDurableFolder(path);
  const unseen = `${path}.new`;
  const connection = connect(unseen, PATIENCE);
  connection.prepare('INSERT INTO holder (note) VALUES (?)').run(note);
  // Readers of the note are let in, another holder is not.
  const lock = hold(connection, 'BEGIN IMMEDIATE');
  if (lock === undefined) throw new Error(`${unseen} is locked by another process`);
  // The lock belongs to the file, not to its name.
  renameSync(unseen, path);
  return lock;
}

/** The note of a lock file; undefined when there is none, or it can not be read now. */
export function readNote(path: string): string | undefined {
  try {
    const connection = openExisting(path);
    try {
      const row = connection.prepare('SELECT note FROM holder').get() as { note: string } | undefined;
      return row?.note;
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!existsSync(path) || isBusy(error) || isNoDatabase(error)) return undefined;
    throw sqliteFault(error);
  }
}

/**
 * Whether any process holds the lock, in whatever way. Two that ask at the same time may each take the other for a
 * holder, so a yes may be wrong for a moment; a no is certain.
 */
export function isHeld(path: string): boolean {
  return whileUnheld(path, () => undefined) === 'held';
}

/**
 * Does something with a lock file while it is certain that nobody holds it.
 * @returns `held` when somebody does, and then nothing was done; `free` when nobody did, or there is no file
 */
export function whileUnheld(path: string, work: () => void): 'held' | 'free' {
  let connection: DatabaseSyncInstance;
  try {
    connection = openExisting(path);
  } catch (error) {
    if (!existsSync(path)) return 'free';
    throw sqliteFault(error);
  }
  try {
    connection.exec('BEGIN EXCLUSIVE');
    work();
    connection.exec('ROLLBACK');
  } catch (error) {
    if (isBusy(error)) return 'held';
    // A file that a power loss has left half written: who holds one has it whole.
    if (!isNoDatabase(error)) throw sqliteFault(error);
    work();
  } finally {
    connection.close();
  }
  return 'free';
}

/** A read keeps its lock until the end of the transaction. */
const SHARED = 'BEGIN; SELECT 1 FROM sqlite_schema';

function hold(connection: DatabaseSyncInstance, begin: string): HeldLock | undefined {
  try {
    connection.exec(begin);
    return new HeldLock(connection);
  } catch (error) {
    connection.close();
    if (isBusy(error)) return undefined;
    throw sqliteFault(error);
  }
}

/** Nothing in the file has to survive a power loss, and no second file may appear beside it. */
function connect(path: string, timeout: number): DatabaseSyncInstance {
  const connection = open(path, { timeout });
  try {
    connection.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF');
    connection.exec('CREATE TABLE IF NOT EXISTS holder (note TEXT NOT NULL)');
  } catch (error) {
    // Whoever holds it exclusively has made the table; the lock itself will tell.
    if (isBusy(error)) return connection;
    connection.close();
    throw sqliteFault(error);
  }
  return connection;
}

function openExisting(path: string): DatabaseSyncInstance {
  return new DatabaseSync(`${pathToFileURL(path).href}?mode=rw`, { timeout: 0 });
}

function open(path: string, options: { readonly readOnly?: boolean; readonly timeout: number }) {
  try {
    return new DatabaseSync(path, options);
  } catch (error) {
    throw sqliteFault(error);
  }
}

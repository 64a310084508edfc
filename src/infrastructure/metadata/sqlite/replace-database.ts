import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Beside the database, where another one is made. */
export function siblingOf(path: string): string {
  return `${path}.new`;
}

/** Where a replaced database is kept. */
export function keptOf(path: string): string {
  return `${path}.old`;
}

/** Removes a database that nobody has open. */
export function removeDatabase(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) rmSync(file, { force: true });
}

/**
 * Puts the database `siblingOf(path)` in the place of the one at `path`. Both are closed, in every process: opening a
 * database's file drops the locks of its process, and a write-ahead log that stays behind would be applied to the other
 * database. When it returns, the new one is there after a power loss too.
 * @param keep leaves the replaced one beside it, at `keptOf(path)`
 */
export function replaceDatabase(path: string, keep: boolean): void {
  const made = siblingOf(path);
  const wal = `${made}-wal`;
  if (existsSync(wal) && statSync(wal).size > 0) {
    throw new Error(`${made} was closed with a part of it still in its write-ahead log`);
  }
  sync(made);
  for (const file of [wal, `${made}-shm`]) rmSync(file, { force: true });
  if (keep) keepDatabase(path);
  for (const file of [`${path}-wal`, `${path}-shm`, `${path}-journal`]) rmSync(file, { force: true });
  // The log of the old one must not come back after its successor.
  sync(dirname(path));
  renameSync(made, path);
  sync(dirname(path));
}

function keepDatabase(path: string): void {
  removeDatabase(keptOf(path));
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, keptOf(path) + suffix);
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';

/** Rows that one transaction inserts: who serves meanwhile waits no longer for it. */
const AT_ONCE = 20_000;

/**
 * Runs SQL on the database of a registry, which may be running. Its checkpoints are left to the registry.
 * @param root of the registry's storage
 */
export function withDatabase<T>(root: string, work: (database: DatabaseSyncInstance) => T): T {
  const database = new DatabaseSync(join(root, 'stowage', 'metadata.db'), { timeout: 30_000 });
  try {
    database.exec('PRAGMA foreign_keys = OFF; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -100000');
    return work(database);
  } finally {
    database.close();
  }
}

/** The largest id of a table, from which on new rows are numbered. */
export function lastId(database: DatabaseSyncInstance, table: 'content' | 'repository'): number {
  return Number(database.prepare(`SELECT ifnull(max(id), 0) AS id FROM ${table}`).get()?.['id']);
}

/** Calls `insert` for all numbers from 0 on, in transactions of some size. */
export function inTransactions(
  database: DatabaseSyncInstance,
  count: number,
  insert: (number: number) => void,
): void {
  for (let from = 0; from < count; from += AT_ONCE) {
    database.exec('BEGIN IMMEDIATE');
    for (let number = from; number < Math.min(count, from + AT_ONCE); number++) insert(number);
    database.exec('COMMIT');
  }
}

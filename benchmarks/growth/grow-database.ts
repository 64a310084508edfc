import { DatabaseSync } from '@photostructure/sqlite';
import type { Axis } from './axes.js';
import { RowWriter } from './row-writer.js';

/** Nothing of it has to survive: who is interrupted begins anew. */
const CARELESS = [
  'PRAGMA journal_mode = OFF',
  'PRAGMA synchronous = OFF',
  'PRAGMA foreign_keys = OFF',
  'PRAGMA cache_size = -1000000',
  'PRAGMA threads = 2',
].join(';');

/**
 * Fills the database of a registry that does not run, and has nothing yet, with the rows of `count` things. Indexes are
 * made at the end, where each costs one sorting. The file stays open until the process ends, as the driver has it.
 * @param now ms of Unix time, of all pushes
 */
export async function growDatabase(path: string, axis: Axis, count: number, now: number): Promise<void> {
  const database = new DatabaseSync(path);
  database.exec(CARELESS);
  const indexes = database
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    .all() as { name: string; sql: string }[];
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
  database.exec('BEGIN');
  await axis.pushAll(new RowWriter(database, now), count);
  database.exec('COMMIT');
  for (const { sql } of indexes) database.exec(sql);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

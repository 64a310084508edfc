import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase, type OnFatal } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { portsOf, unexpectedEnd, type MetadataPorts } from '../../contract/metadata/metadata-under-test.js';

/** An open database in a file of its own, its ports, and a second connection that sees and does everything. */
export interface DatabaseFile {
  readonly path: string;
  readonly walPath: string;
  readonly database: SqliteDatabase;
  readonly ports: MetadataPorts;
  readonly raw: DatabaseSyncInstance;
  dispose(): Promise<void>;
}

export async function openDatabaseFile(onFatal: OnFatal = unexpectedEnd): Promise<DatabaseFile> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-metadata-'));
  const path = join(folder, 'metadata.db');
  const database = await SqliteDatabase.open(path, onFatal);
  const raw = new DatabaseSync(path, { timeout: 1_000 });
  return {
    path,
    walPath: `${path}-wal`,
    database,
    ports: portsOf(database),
    raw,
    dispose: async () => {
      raw.close();
      database.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** The first column of the first row. */
export function scalar(raw: DatabaseSyncInstance, sql: string, ...parameters: readonly unknown[]): unknown {
  const row = raw.prepare(sql).get(...parameters) as Record<string, unknown> | undefined;
  return row === undefined ? undefined : Object.values(row)[0];
}

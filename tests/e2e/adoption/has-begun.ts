import { DatabaseSync } from '@photostructure/sqlite';
import { existsSync } from 'node:fs';

/** Whether the adoption by another process has noted how far it has come. */
export function hasBegun(database: string): boolean {
  if (!existsSync(`${database}-wal`)) return false;
  const connection = new DatabaseSync(database, { readOnly: true, timeout: 100 });
  try {
    const row = connection.prepare('SELECT last_repository AS last FROM adoption').get();
    return typeof (row as { last: string | null } | undefined)?.last === 'string';
  } catch (error) {
    if (/no such table|busy|locked/.test(String(error))) return false;
    throw error;
  } finally {
    connection.close();
  }
}

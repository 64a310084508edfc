import type { DatabaseSyncInstance } from '@photostructure/sqlite';

/** "Stow", SQLite's application_id of our databases. */
export const APPLICATION_ID = 0x53746f77;

/**
 * Writes one page that says nothing new. The first write into a new or reset WAL syncs the WAL's header and waits for
 * it; whoever calls this waits instead of the next request.
 */
export function writeWalHeader(connection: DatabaseSyncInstance): void {
  connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
}

import { sql, type Kysely, type Migration } from 'kysely';

/**
 * Changes of names whose link files are not durable yet. Rows are only added and deleted, never changed: two changes
 * of a name are two rows, so that all the values are known that the link may hold after a crash.
 */
export const nameJournal: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('journal')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('repository_id', 'integer', (column) => column.notNull())
      .addColumn('kind', 'integer', (column) => column.notNull())
      .addColumn('key', 'blob', (column) => column.notNull())
      .addColumn('replaced', 'blob')
      .addColumn('instance', 'blob', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
  },
};

import { sql, type Kysely, type Migration } from 'kysely';

/** Bytes of small blobs, until the storage has them durably: a push then waits for the database alone. */
export const waitingBytes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('waiting_bytes')
      .addColumn('content_id', 'integer', (column) =>
        column.primaryKey().references('content.id').onDelete('cascade'),
      )
      .addColumn('journal_id', 'integer', (column) => column.notNull())
      .addColumn('bytes', 'blob', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
  },
};

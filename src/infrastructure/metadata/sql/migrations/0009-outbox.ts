import { sql, type Kysely, type Migration } from 'kysely';

/** Events, one row each, in the order of their commits, and how far each endpoint has come with them. */
export const outbox: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('outbox_event')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('created_at', 'integer', (column) => column.notNull())
      .addColumn('repository', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('media_type', 'text', (column) => column.notNull())
      .addColumn('payload', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema
      .createTable('outbox_endpoint')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('delivered_through', 'integer', (column) => column.notNull())
      .addColumn('delivered', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('dropped', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('failures', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('last_error', 'text')
      .addColumn('last_attempt', 'integer')
      .addColumn('retry_at', 'integer')
      .addColumn('retries_asked', 'integer', (column) => column.notNull().defaultTo(0))
      .modifyEnd(sql`strict, without rowid`)
      .execute();
  },
};

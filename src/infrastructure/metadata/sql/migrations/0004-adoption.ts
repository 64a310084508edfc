import { sql, type Kysely, type Migration } from 'kysely';

/** What was taken over from a tree that others have written, and how far that has come. */
export const adoption: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const flag = { content: 'unverified', manifest: 'incomplete' };
    for (const [table, column] of Object.entries(flag)) {
      await db.schema
        .alterTable(table)
        .addColumn(column, 'integer', (definition) => definition.notNull().defaultTo(0))
        .execute();
    }
    await db.schema
      .createTable('unreadable')
      .addColumn('repository_id', 'integer', (column) => column.notNull().references('repository.id'))
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('unreadable_key', ['repository_id', 'path'])
      .modifyEnd(sql`strict, without rowid`)
      .execute();
    await db.schema
      .createTable('adoption')
      .addColumn('only', 'integer', (column) => column.primaryKey().check(sql`only = 1`))
      .addColumn('started_at', 'integer', (column) => column.notNull())
      .addColumn('last_repository', 'text')
      .addColumn('finished_at', 'integer')
      .modifyEnd(sql`strict`)
      .execute();
  },
};

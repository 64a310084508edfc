import { sql, type Kysely, type Migration } from 'kysely';

/** Repositories that a content was taken from, by a client or by collection: where another registry may need it. */
export const formerNames: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('former_name')
      .addColumn('content_id', 'integer', (column) =>
        column.notNull().references('content.id').onDelete('cascade'),
      )
      .addColumn('repository_id', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('former_name_key', ['content_id', 'repository_id'])
      .modifyEnd(sql`strict, without rowid`)
      .execute();
  },
};

import { sql, type Kysely, type Migration } from 'kysely';

/** Subjects that went while they had more referrers than one transaction looks at, and how far the rest has come. */
export const departedSubjects: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('departed_subject')
      .addColumn('repository_id', 'integer', (column) => column.notNull().references('repository.id'))
      .addColumn('subject', 'blob', (column) => column.notNull())
      .addColumn('since', 'integer', (column) => column.notNull())
      .addColumn('last_type_id', 'integer', (column) => column.notNull())
      .addColumn('last_content_id', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('departed_subject_key', ['repository_id', 'subject'])
      .modifyEnd(sql`strict, without rowid`)
      .execute();
  },
};

import { randomBytes } from 'node:crypto';
import { sql, type Kysely, type Migration } from 'kysely';

/** An id for the database, by which the storage's tree knows the one that speaks for it. A copy keeps it. */
export const databaseIdentity: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('database_identity')
      .addColumn('only', 'integer', (column) => column.primaryKey().check(sql`only = 1`))
      .addColumn('id', 'blob', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
    await sql`insert into database_identity (only, id) values (1, ${randomBytes(16)})`.execute(db);
  },
};

import { sql, type Kysely, type Migration } from 'kysely';

/** How far a scan for orphans has come, and what it has found that may be one. */
export const orphanScan: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('orphan_scan')
      .addColumn('only', 'integer', (column) => column.primaryKey().check(sql`only = 1`))
      .addColumn('started_at', 'integer', (column) => column.notNull())
      .addColumn('grace', 'integer', (column) => column.notNull())
      .addColumn('last_digest', 'blob')
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema
      .createTable('orphan_candidate')
      .addColumn('digest', 'blob', (column) => column.primaryKey().notNull())
      .modifyEnd(sql`strict, without rowid`)
      .execute();
  },
};

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
    await noteEverything(db);
  },
};

/**
 * Before there was a journal no links were written: each name is one that a process did not live to write. Without this
 * the tree would seem to have lost them all. The kinds are those of name-codec.ts.
 */
async function noteEverything(db: Kysely<unknown>): Promise<void> {
  await sql`insert into journal (repository_id, kind, key, instance)
    select l.repository_id, 1, c.digest, zeroblob(16) from blob_link l join content c on c.id = l.content_id`.execute(
    db,
  );
  await sql`insert into journal (repository_id, kind, key, instance)
    select m.repository_id, 2, c.digest, zeroblob(16) from manifest m join content c on c.id = m.content_id`.execute(
    db,
  );
  await sql`insert into journal (repository_id, kind, key, instance)
    select repository_id, 3, cast(name as blob), zeroblob(16) from tag`.execute(db);
}

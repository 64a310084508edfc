import { sql, type Kysely, type Migration } from 'kysely';

/**
 * What a change gave a tag: a process that is killed right after it has written an older value leaves that in the tree,
 * and it is ours, not another registry's.
 */
export const givenTargets: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('journal').addColumn('given', 'blob').execute();
    // An index that came when what it lists was a mere blob holds it as a manifest as well.
    await sql`insert or ignore into manifest_child (repository_id, parent_id, child_id)
      select b.repository_id, b.manifest_id, b.blob_id from manifest_blob b
      join manifest m on m.repository_id = b.repository_id and m.content_id = b.blob_id`.execute(db);
  },
};

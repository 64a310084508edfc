import type { Kysely, Migration } from 'kysely';

/**
 * The index has the whole row: otherwise SQLite would rather walk all tags of the repository where it deletes those of a
 * manifest, and where it looks whether a tag still holds one.
 */
export const tagsOfAManifest: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.dropIndex('tag_content').execute();
    await db.schema
      .createIndex('tag_content')
      .on('tag')
      .columns(['repository_id', 'content_id', 'name', 'updated_at'])
      .execute();
  },
};

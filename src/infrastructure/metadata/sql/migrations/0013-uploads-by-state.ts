import type { Kysely, Migration } from 'kysely';

/** No statement looks for the uploads of a repository, and no repository's row goes: each upload wrote it for nobody. */
export const uploadsByState: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.dropIndex('upload_repository').execute();
  },
};

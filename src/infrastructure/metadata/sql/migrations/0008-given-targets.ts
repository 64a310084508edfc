import type { Kysely, Migration } from 'kysely';

/**
 * What a change gave a tag: a process that is killed right after it has written an older value leaves that in the tree,
 * and it is ours, not another registry's.
 */
export const givenTargets: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('journal').addColumn('given', 'blob').execute();
  },
};

import { sql, type Kysely, type Migration } from 'kysely';
import { ON_REQUEST } from '../../../../domain/lifecycle/grace.js';
import { digestInPath } from '../digest-in-path.js';

/** What collection looks for: unwritten changes of a digest's links, and what may name something without a row. */
export const collection: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.createIndex('journal_key').on('journal').column('key').execute();
    await db.schema
      .createIndex('journal_replaced')
      .on('journal')
      .column('replaced')
      .where('replaced', 'is not', null)
      .execute();
    await db.schema
      .createIndex('manifest_incomplete')
      .on('manifest')
      .columns(['repository_id', 'content_id'])
      .where(sql.ref('incomplete'), '=', 1)
      .execute();
    await addDigestOfUnreadable(db);
    await leaveAdoptedToRequests(db);
  },
};

async function addDigestOfUnreadable(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('unreadable').addColumn('digest', 'blob').execute();
  await db.schema
    .createIndex('unreadable_digest')
    .on('unreadable')
    .column('digest')
    .where('digest', 'is not', null)
    .execute();
  const { rows } = await sql<{ path: string }>`select distinct path from unreadable`.execute(db);
  for (const { path } of rows) {
    const digest = digestInPath(path);
    if (digest !== undefined)
      await sql`update unreadable set digest = ${digest} where path = ${path}`.execute(db);
  }
}

/** Rows without a review so far are those that were adopted: until now nothing was ever reviewed. */
async function leaveAdoptedToRequests(db: Kysely<unknown>): Promise<void> {
  await sql`update blob_link set review_after = ${ON_REQUEST} where review_after is null`.execute(db);
  await sql`update manifest set review_after = ${ON_REQUEST} where review_after is null and not exists
    (select 1 from tag t where t.repository_id = manifest.repository_id and t.content_id = manifest.content_id)`.execute(
    db,
  );
}

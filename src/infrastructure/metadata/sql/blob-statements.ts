import { sql } from 'kysely';
import { CONTENT_STATE } from './content-state.js';
import { atLeast, atLeastUnlessNull } from './review-time.js';
import { db, statement } from './statement.js';

/** Links: which repository has which blob. Joins are CROSS JOINs, which SQLite never turns round. */
export const blobStatements = {
  find: statement((repository: string, digest: Uint8Array) =>
    db
      .selectFrom('repository as r')
      .crossJoin('content as c')
      .crossJoin('blob_link as l')
      .select(['c.size', 'l.review_after'])
      .where('r.name', '=', repository)
      .where('c.digest', '=', digest)
      // A blob that is linked and not present has lost its bytes: whoever has them may push them again.
      .where('c.state', '=', CONTENT_STATE.present)
      .whereRef('l.repository_id', '=', 'r.id')
      .whereRef('l.content_id', '=', 'c.id'),
  ),

  /** Whether the repository has the blob and its bytes are there. */
  isUsable: statement((repositoryId: number, contentId: number) =>
    db
      .selectFrom('blob_link as l')
      .crossJoin('content as c')
      .select(sql<1>`1`.as('usable'))
      .where('l.repository_id', '=', repositoryId)
      .where('l.content_id', '=', contentId)
      .whereRef('c.id', '=', 'l.content_id')
      .where('c.state', '=', CONTENT_STATE.present),
  ),

  isLinked: statement((repositoryId: number, contentId: number) =>
    db
      .selectFrom('blob_link')
      .select(sql<1>`1`.as('linked'))
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId),
  ),

  /** The blob as one that may be mounted from the repository. */
  mountable: statement((repository: string, digest: Uint8Array) =>
    db
      .selectFrom('content as c')
      .crossJoin('repository as r')
      .crossJoin('blob_link as l')
      .select(['c.id', 'c.size', 'r.name'])
      .where('c.digest', '=', digest)
      .where('c.state', '=', CONTENT_STATE.present)
      .where('r.name', '=', repository)
      .whereRef('l.repository_id', '=', 'r.id')
      .whereRef('l.content_id', '=', 'c.id'),
  ),

  /** The blob with some of the repositories that it may be mounted from. */
  mountableAnywhere: statement((digest: Uint8Array, limit: number) =>
    db
      .selectFrom('content as c')
      .crossJoin('blob_link as l')
      .crossJoin('repository as r')
      .select(['c.id', 'c.size', 'r.name'])
      .where('c.digest', '=', digest)
      .where('c.state', '=', CONTENT_STATE.present)
      .whereRef('l.content_id', '=', 'c.id')
      .whereRef('r.id', '=', 'l.repository_id')
      .limit(limit),
  ),

  /** A link that is there is renewed only when its review is due before `renewBefore`. */
  link: statement(
    (repositoryId: number, contentId: number, now: number, reviewAfter: number, renewBefore: number) =>
      db
        .insertInto('blob_link')
        .values({
          repository_id: repositoryId,
          content_id: contentId,
          linked_at: now,
          review_after: reviewAfter,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['repository_id', 'content_id'])
            .doUpdateSet({ review_after: reviewAfter })
            .where('blob_link.review_after', '<', renewBefore),
        ),
  ),

  renew: statement((repository: string, digest: Uint8Array, reviewAfter: number) =>
    db
      .updateTable('blob_link')
      .set({ review_after: atLeastUnlessNull('review_after', reviewAfter) })
      .where('repository_id', '=', db.selectFrom('repository').select('id').where('name', '=', repository))
      .where('content_id', '=', db.selectFrom('content').select('id').where('digest', '=', digest)),
  ),

  /** Some of the manifests of the repository that reference the blob. */
  referencing: statement((repositoryId: number, contentId: number, limit: number) =>
    db
      .selectFrom('manifest_blob as mb')
      .crossJoin('content as c')
      .select('c.digest')
      .where('mb.blob_id', '=', contentId)
      .where('mb.repository_id', '=', repositoryId)
      .whereRef('c.id', '=', 'mb.manifest_id')
      .limit(limit),
  ),

  /** The links that a manifest references. */
  reviewReferenced: statement((repositoryId: number, manifestId: number, reviewAfter: number) =>
    db
      .updateTable('blob_link')
      .set({ review_after: atLeast('review_after', reviewAfter) })
      .where('repository_id', '=', repositoryId)
      .where(
        'content_id',
        'in',
        db
          .selectFrom('manifest_blob')
          .select('blob_id')
          .where('repository_id', '=', repositoryId)
          .where('manifest_id', '=', manifestId),
      ),
  ),

  unlink: statement((repositoryId: number, contentId: number) =>
    db.deleteFrom('blob_link').where('repository_id', '=', repositoryId).where('content_id', '=', contentId),
  ),
};

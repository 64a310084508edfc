import { sql } from 'kysely';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import { db, statement } from './statement.js';

const after = (review: number, repositoryId: number, contentId: number) =>
  sql<boolean>`(n.review_after, n.repository_id, n.content_id) > (${review}, ${repositoryId}, ${contentId})`;

interface NameRow {
  repository_id: number;
  content_id: number;
  review_after: number;
}

const withNames = (table: 'blob_link' | 'manifest') =>
  db
    .selectFrom(sql<NameRow>`${sql.table(table)}`.as('n'))
    .crossJoin('repository as r')
    .crossJoin('content as c')
    .select([
      'n.repository_id',
      'r.name as repository',
      'n.content_id',
      'c.digest',
      'c.size',
      'n.review_after',
    ])
    .where('n.review_after', 'is not', null)
    .whereRef('r.id', '=', 'n.repository_id')
    .whereRef('c.id', '=', 'n.content_id')
    .orderBy('n.review_after')
    .orderBy('n.repository_id')
    .orderBy('n.content_id');

/** Names that are due, and what a review of one changes. */
export const reviewStatements = {
  dueLinks: statement(
    (dueUntil: number, review: number, repositoryId: number, contentId: number, limit: number) =>
      withNames('blob_link')
        .where('n.review_after', '<=', dueUntil)
        .where(after(review, repositoryId, contentId))
        .limit(limit),
  ),

  dueManifests: statement(
    (dueUntil: number, review: number, repositoryId: number, contentId: number, limit: number) =>
      withNames('manifest')
        .where('n.review_after', '<=', dueUntil)
        .where(after(review, repositoryId, contentId))
        .limit(limit),
  ),

  countDueLinks: statement((dueUntil: number) =>
    db
      .selectFrom('blob_link')
      .select(sql<number>`count(*)`.as('due'))
      .where('review_after', '<=', dueUntil),
  ),

  countDueManifests: statement((dueUntil: number) =>
    db
      .selectFrom('manifest')
      .select(sql<number>`count(*)`.as('due'))
      .where('review_after', '<=', dueUntil),
  ),

  countDueContents: statement((dueUntil: number) =>
    db
      .selectFrom('content')
      .select(sql<number>`count(*)`.as('due'))
      .where('review_after', '<=', dueUntil),
  ),

  requestedLinks: statement((limit: number) =>
    db
      .selectFrom('blob_link')
      .select(['repository_id', 'content_id'])
      .where('review_after', '=', ON_REQUEST)
      .limit(limit),
  ),

  requestedManifests: statement((limit: number) =>
    db
      .selectFrom('manifest')
      .select(['repository_id', 'content_id'])
      .where('review_after', '=', ON_REQUEST)
      .limit(limit),
  ),

  requestedContents: statement((limit: number) =>
    db.selectFrom('content').select('id').where('review_after', '=', ON_REQUEST).limit(limit),
  ),

  setLink: statement((repositoryId: number, contentId: number, reviewAfter: number | null) =>
    db
      .updateTable('blob_link')
      .set({ review_after: reviewAfter })
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId),
  ),

  setManifest: statement((repositoryId: number, contentId: number, reviewAfter: number | null) =>
    db
      .updateTable('manifest')
      .set({ review_after: reviewAfter })
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId),
  ),

  setContent: statement((id: number, reviewAfter: number | null) =>
    db.updateTable('content').set({ review_after: reviewAfter }).where('id', '=', id),
  ),

  /**
   * Blobs that no manifest references in any repository and that are not due: each once, at the first repository that
   * has it. Walks everything that has a grace.
   */
  young: statement((dueUntil: number) =>
    db
      .selectFrom('blob_link as l')
      .crossJoin('content as c')
      .select([
        sql<number>`count(*)`.as('blobs'),
        sql<number>`ifnull(sum(c.size), 0)`.as('bytes'),
        sql<number>`ifnull(max(l.review_after), 0)`.as('until'),
      ])
      .where('l.review_after', '>', dueUntil)
      .where('l.review_after', '<', ON_REQUEST)
      .whereRef('c.id', '=', 'l.content_id')
      .where(sql<boolean>`not exists (select 1 from manifest_blob mb where mb.blob_id = l.content_id)`)
      .where(sql<boolean>`not exists (select 1 from manifest m where m.content_id = l.content_id)`)
      .where(
        sql<boolean>`not exists (select 1 from blob_link o where o.content_id = l.content_id and o.repository_id < l.repository_id)`,
      ),
  ),

  unreadable: statement((afterId: number, limit: number) =>
    db
      .selectFrom('unreadable as u')
      .crossJoin('repository as r')
      .select(['u.repository_id', 'r.name', sql<number>`count(*)`.as('count')])
      .where('u.repository_id', '>', afterId)
      .whereRef('r.id', '=', 'u.repository_id')
      .groupBy('u.repository_id')
      .limit(limit),
  ),

  dropUnreadable: statement((repositoryId: number) =>
    db.deleteFrom('unreadable').where('repository_id', '=', repositoryId),
  ),
};

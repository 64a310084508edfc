import { sql } from 'kysely';
import { referrersBehind, withoutReview } from './departed-subject-statements.js';
import { db, statement } from './statement.js';

const nameTable = (name: string) =>
  `CREATE TEMPORARY TABLE ${name} (repository_id INTEGER NOT NULL, content_id INTEGER NOT NULL, PRIMARY KEY (repository_id, content_id)) WITHOUT ROWID`;
const nextTable = (name: string) =>
  `CREATE TEMPORARY TABLE ${name} (repository_id INTEGER NOT NULL, content_id INTEGER NOT NULL, review_after INTEGER NOT NULL, PRIMARY KEY (repository_id, content_id)) WITHOUT ROWID`;
const contentTable = (name: string) =>
  `CREATE TEMPORARY TABLE ${name} (content_id INTEGER PRIMARY KEY NOT NULL)`;

/** What a rehearsal notes: what would be gone, and when what that concerns would be looked at. */
export const REHEARSAL_TABLES: readonly string[] = [
  nameTable('gone_link'),
  nameTable('gone_manifest'),
  contentTable('gone_content'),
  nextTable('next_link'),
  nextTable('next_manifest'),
  contentTable('next_content'),
];

/** The notes of a rehearsal. */
export const rehearsalStatements = {
  loseLink: statement((repositoryId: number, contentId: number) =>
    db
      .insertInto('gone_link')
      .values({ repository_id: repositoryId, content_id: contentId })
      .onConflict((conflict) => conflict.doNothing()),
  ),

  loseManifest: statement((repositoryId: number, contentId: number) =>
    db
      .insertInto('gone_manifest')
      .values({ repository_id: repositoryId, content_id: contentId })
      .onConflict((conflict) => conflict.doNothing()),
  ),

  /** Inserts nothing when the content is gone already. */
  loseContent: statement((contentId: number) =>
    db
      .insertInto('gone_content')
      .values({ content_id: contentId })
      .onConflict((conflict) => conflict.doNothing()),
  ),

  reviewContent: statement((contentId: number) =>
    db
      .insertInto('next_content')
      .values({ content_id: contentId })
      .onConflict((conflict) => conflict.doNothing()),
  ),

  reviewBlobs: statement((repositoryId: number, manifestId: number, reviewAfter: number) =>
    db
      .insertInto('next_link')
      .columns(['repository_id', 'content_id', 'review_after'])
      .expression(
        db
          .selectFrom('manifest_blob')
          .select(['repository_id', 'blob_id', sql<number>`${reviewAfter}`.as('review_after')])
          .where('repository_id', '=', repositoryId)
          .where('manifest_id', '=', manifestId),
      )
      .onConflict((conflict) => conflict.doNothing()),
  ),

  reviewChildren: statement((repositoryId: number, parentId: number, reviewAfter: number) =>
    db
      .insertInto('next_manifest')
      .columns(['repository_id', 'content_id', 'review_after'])
      .expression(
        db
          .selectFrom('manifest_child')
          .select(['repository_id', 'child_id', sql<number>`${reviewAfter}`.as('review_after')])
          .where('repository_id', '=', repositoryId)
          .where('parent_id', '=', parentId),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['repository_id', 'content_id'])
          .doUpdateSet({ review_after: sql<number>`max(review_after, excluded.review_after)` }),
      ),
  ),

  reviewReferrers: statement(
    (
      repositoryId: number,
      subject: Uint8Array,
      lastTypeId: number,
      lastContentId: number,
      reviewAfter: number,
      adoptedUntil: number,
    ) =>
      db
        .insertInto('next_manifest')
        .columns(['repository_id', 'content_id', 'review_after'])
        .expression(
          db
            .selectFrom('manifest')
            .select(['repository_id', 'content_id', sql<number>`${reviewAfter}`.as('review_after')])
            .where('repository_id', '=', repositoryId)
            .where('content_id', 'in', referrersBehind(repositoryId, subject, lastTypeId, lastContentId))
            .where(withoutReview(adoptedUntil)),
        )
        .onConflict((conflict) => conflict.doNothing()),
  ),

  nextLinks: statement((dueUntil: number, repositoryId: number, contentId: number, limit: number) =>
    next('next_link', dueUntil, repositoryId, contentId, limit),
  ),

  nextManifests: statement((dueUntil: number, repositoryId: number, contentId: number, limit: number) =>
    next('next_manifest', dueUntil, repositoryId, contentId, limit),
  ),

  nextContents: statement((contentId: number, limit: number) =>
    db
      .selectFrom('next_content as n')
      .crossJoin('content as c')
      .select(['c.id', 'c.digest', 'c.size'])
      .where('n.content_id', '>', contentId)
      .whereRef('c.id', '=', 'n.content_id')
      .orderBy('n.content_id')
      .limit(limit),
  ),
};

function next(
  table: 'next_link' | 'next_manifest',
  dueUntil: number,
  repositoryId: number,
  contentId: number,
  limit: number,
) {
  return db
    .selectFrom(
      sql<{ repository_id: number; content_id: number; review_after: number }>`${sql.table(table)}`.as('n'),
    )
    .crossJoin('repository as r')
    .crossJoin('content as c')
    .select(['n.repository_id', 'r.name as repository', 'n.content_id', 'c.digest', 'c.size'])
    .where(sql<boolean>`(n.repository_id, n.content_id) > (${repositoryId}, ${contentId})`)
    .where('n.review_after', '<=', dueUntil)
    .whereRef('r.id', '=', 'n.repository_id')
    .whereRef('c.id', '=', 'n.content_id')
    .orderBy('n.repository_id')
    .orderBy('n.content_id')
    .limit(limit);
}

import { sql } from 'kysely';
import { db, statement } from './statement.js';

const nameTable = (name: string) =>
  `CREATE TEMPORARY TABLE ${name} (repository_id INTEGER NOT NULL, content_id INTEGER NOT NULL, PRIMARY KEY (repository_id, content_id)) WITHOUT ROWID`;
const contentTable = (name: string) =>
  `CREATE TEMPORARY TABLE ${name} (content_id INTEGER PRIMARY KEY NOT NULL)`;

/** What a rehearsal notes: what would be gone, and what that would make due. */
export const REHEARSAL_TABLES: readonly string[] = [
  nameTable('gone_link'),
  nameTable('gone_manifest'),
  contentTable('gone_content'),
  nameTable('next_link'),
  nameTable('next_manifest'),
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

  isManifestGone: statement((repositoryId: number, contentId: number) =>
    db
      .selectFrom('gone_manifest')
      .select(sql<1>`1`.as('gone'))
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId),
  ),

  isLinkGone: statement((repositoryId: number, contentId: number) =>
    db
      .selectFrom('gone_link')
      .select(sql<1>`1`.as('gone'))
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId),
  ),

  reviewContent: statement((contentId: number) =>
    db
      .insertInto('next_content')
      .values({ content_id: contentId })
      .onConflict((conflict) => conflict.doNothing()),
  ),

  reviewBlobs: statement((repositoryId: number, manifestId: number) =>
    db
      .insertInto('next_link')
      .columns(['repository_id', 'content_id'])
      .expression(
        db
          .selectFrom('manifest_blob')
          .select(['repository_id', 'blob_id'])
          .where('repository_id', '=', repositoryId)
          .where('manifest_id', '=', manifestId),
      )
      .onConflict((conflict) => conflict.doNothing()),
  ),

  reviewChildren: statement((repositoryId: number, parentId: number) =>
    db
      .insertInto('next_manifest')
      .columns(['repository_id', 'content_id'])
      .expression(
        db
          .selectFrom('manifest_child')
          .select(['repository_id', 'child_id'])
          .where('repository_id', '=', repositoryId)
          .where('parent_id', '=', parentId),
      )
      .onConflict((conflict) => conflict.doNothing()),
  ),

  reviewReferrers: statement((repositoryId: number, subject: Uint8Array) =>
    db
      .insertInto('next_manifest')
      .columns(['repository_id', 'content_id'])
      .expression(
        db
          .selectFrom('manifest')
          .select(['repository_id', 'content_id'])
          .where('repository_id', '=', repositoryId)
          .where('subject', '=', subject),
      )
      .onConflict((conflict) => conflict.doNothing()),
  ),

  nextLinks: statement((repositoryId: number, contentId: number, limit: number) =>
    next('next_link', repositoryId, contentId, limit),
  ),

  nextManifests: statement((repositoryId: number, contentId: number, limit: number) =>
    next('next_manifest', repositoryId, contentId, limit),
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

function next(table: 'next_link' | 'next_manifest', repositoryId: number, contentId: number, limit: number) {
  return db
    .selectFrom(sql<{ repository_id: number; content_id: number }>`${sql.table(table)}`.as('n'))
    .crossJoin('repository as r')
    .crossJoin('content as c')
    .select(['n.repository_id', 'r.name as repository', 'n.content_id', 'c.digest', 'c.size'])
    .where(sql<boolean>`(n.repository_id, n.content_id) > (${repositoryId}, ${contentId})`)
    .whereRef('r.id', '=', 'n.repository_id')
    .whereRef('c.id', '=', 'n.content_id')
    .orderBy('n.repository_id')
    .orderBy('n.content_id')
    .limit(limit);
}

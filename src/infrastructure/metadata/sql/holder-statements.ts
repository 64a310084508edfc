import { reviewTimeBySubject } from './departed-subject-statements.js';
import { db, statement } from './statement.js';

/** Who holds a digest. Joins are CROSS JOINs, which SQLite never turns round. */
export const holderStatements = {
  content: statement((digest: Uint8Array) =>
    db
      .selectFrom('content')
      .select(['id', 'size', 'state', 'unverified', 'review_after', 'claimed_until'])
      .where('digest', '=', digest),
  ),

  links: statement((contentId: number, after: number, limit: number) =>
    links()
      .where('l.content_id', '=', contentId)
      .where('l.repository_id', '>', after)
      .whereRef('r.id', '=', 'l.repository_id')
      .orderBy('l.repository_id')
      .limit(limit),
  ),

  link: statement((contentId: number, repositoryId: number) =>
    links()
      .where('l.repository_id', '=', repositoryId)
      .where('l.content_id', '=', contentId)
      .where('r.id', '=', repositoryId),
  ),

  manifests: statement((contentId: number, after: number, limit: number) =>
    manifests()
      .where('m.content_id', '=', contentId)
      .where('m.repository_id', '>', after)
      .whereRef('r.id', '=', 'm.repository_id')
      .orderBy('m.repository_id')
      .limit(limit),
  ),

  manifest: statement((contentId: number, repositoryId: number) =>
    manifests()
      .where('m.repository_id', '=', repositoryId)
      .where('m.content_id', '=', contentId)
      .where('r.id', '=', repositoryId),
  ),

  tags: statement((repositoryId: number, contentId: number, limit: number) =>
    db
      .selectFrom('tag')
      .select('name')
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId)
      .orderBy('name')
      .limit(limit),
  ),

  /** Manifests of the repository that reference the blob, by rows that say so. */
  referencing: statement((repositoryId: number, blobId: number, limit: number) =>
    db
      .selectFrom('manifest_blob as mb')
      .crossJoin('manifest as m')
      .select(['m.content_id', 'm.media_type_id'])
      .where('mb.blob_id', '=', blobId)
      .where('mb.repository_id', '=', repositoryId)
      .where('m.repository_id', '=', repositoryId)
      .whereRef('m.content_id', '=', 'mb.manifest_id')
      .limit(limit),
  ),

  unreadable: statement((repositoryId: number, limit: number) =>
    db
      .selectFrom('unreadable')
      .select(['path', 'reason'])
      .where('repository_id', '=', repositoryId)
      .orderBy('path')
      .limit(limit),
  ),

  unreadableAbout: statement((digest: Uint8Array, limit: number) =>
    db.selectFrom('unreadable').select(['path', 'reason']).where('digest', '=', digest).limit(limit),
  ),

  /** Changes of the links and manifests of a digest. */
  pending: statement((digest: Uint8Array, limit: number) =>
    changes().where('j.key', '=', digest).limit(limit),
  ),

  /** Changes of names that held the digest before. */
  replacing: statement((digest: Uint8Array, limit: number) =>
    changes().where('j.replaced', '=', digest).limit(limit),
  ),
};

function links() {
  return db
    .selectFrom('blob_link as l')
    .crossJoin('repository as r')
    .select(['l.repository_id', 'r.name as repository', 'l.linked_at', 'l.review_after']);
}

function manifests() {
  return db
    .selectFrom('manifest as m')
    .crossJoin('repository as r')
    .select([
      'm.repository_id',
      'm.content_id',
      'r.name as repository',
      'm.media_type_id',
      'm.pushed_at',
      reviewTimeBySubject.as('review_after'),
      'm.incomplete',
      'm.subject',
    ]);
}

function changes() {
  return db
    .selectFrom('journal as j')
    .crossJoin('repository as r')
    .select(['r.name as repository', 'j.kind', 'j.key'])
    .whereRef('r.id', '=', 'j.repository_id');
}

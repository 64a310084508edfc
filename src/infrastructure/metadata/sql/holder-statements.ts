import { sql } from 'kysely';
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

  /** Manifests of the repository that reference the blob. */
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

  /** Indexes of the repository that list the manifest. */
  parents: statement((repositoryId: number, manifestId: number, limit: number) =>
    db
      .selectFrom('manifest_child')
      .select('parent_id')
      .where('child_id', '=', manifestId)
      .where('repository_id', '=', repositoryId)
      .limit(limit),
  ),

  /** The subject of a manifest, where the repository has it. */
  subject: statement((repositoryId: number, digest: Uint8Array) =>
    db
      .selectFrom('content as c')
      .crossJoin('manifest as m')
      .select('m.content_id')
      .where('c.digest', '=', digest)
      .where('m.repository_id', '=', repositoryId)
      .whereRef('m.content_id', '=', 'c.id'),
  ),

  unreadable: statement((repositoryId: number, limit: number) =>
    db
      .selectFrom('unreadable')
      .select(['path', 'reason'])
      .where('repository_id', '=', repositoryId)
      .orderBy('path')
      .limit(limit),
  ),

  /** Looks at all of them, which are few. */
  unreadableAbout: statement((hex: string, limit: number) =>
    db
      .selectFrom('unreadable')
      .select(['path', 'reason'])
      .where('repository_id', '>', 0)
      .where(sql<boolean>`instr(path, ${hex}) > 0`)
      .limit(limit),
  ),

  /** Of manifests that lack something: those whose bytes have the digest in them, without a row that says so. */
  incompleteNaming: statement((repositoryId: number, contentId: number, hex: Uint8Array, limit: number) =>
    db
      .selectFrom('manifest as m')
      .crossJoin('manifest_body as b')
      .crossJoin('content as c')
      .select('c.digest')
      .where('m.repository_id', '=', repositoryId)
      .where('m.incomplete', '=', 1)
      .whereRef('b.content_id', '=', 'm.content_id')
      .where(sql<boolean>`instr(b.bytes, ${hex}) > 0`)
      .whereRef('c.id', '=', 'm.content_id')
      .where(
        'm.content_id',
        'not in',
        db
          .selectFrom('manifest_blob')
          .select('manifest_id')
          .where('blob_id', '=', contentId)
          .where('repository_id', '=', repositoryId),
      )
      .where(
        'm.content_id',
        'not in',
        db
          .selectFrom('manifest_child')
          .select('parent_id')
          .where('child_id', '=', contentId)
          .where('repository_id', '=', repositoryId),
      )
      .limit(limit),
  ),

  /** Changes of the links and manifests of a digest. The journal is as long as what is not durable yet. */
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
      'm.review_after',
      'm.incomplete',
      'm.subject',
    ]);
}

function changes() {
  return db
    .selectFrom('journal as j')
    .crossJoin('repository as r')
    .select(['r.name as repository', 'j.kind', 'j.key'])
    .where('j.id', '>', 0)
    .whereRef('r.id', '=', 'j.repository_id');
}

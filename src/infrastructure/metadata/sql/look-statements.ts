import { sql } from 'kysely';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import { db, statement } from './statement.js';

const thereIs = sql<1>`1`.as('there_is');
const always = sql<boolean>`true`;

/** That a rehearsal has not taken the manifest out. */
const manifestStays = (rehearsed: boolean, repository: string, content: string) =>
  rehearsed
    ? sql<boolean>`not exists (select 1 from gone_manifest g where g.repository_id = ${sql.ref(repository)} and g.content_id = ${sql.ref(content)})`
    : always;

const linkStays = (rehearsed: boolean) =>
  rehearsed
    ? sql<boolean>`not exists (select 1 from gone_link g where g.repository_id = l.repository_id and g.content_id = l.content_id)`
    : always;

/** When a name is reviewed; in a rehearsal, when it would be by then. */
const reviewTime = (rehearsed: boolean, table: 'l' | 'm') => {
  const own = sql.ref(`${table}.review_after`);
  if (!rehearsed) return sql<number | null>`${own}`.as('review_after');
  const next = sql.table(table === 'l' ? 'next_link' : 'next_manifest');
  return sql<
    number | null
  >`ifnull((select max(n.review_after, ifnull(nullif(${own}, ${sql.lit(ON_REQUEST)}), 0)) from ${next} n
    where n.repository_id = ${sql.ref(`${table}.repository_id`)} and n.content_id = ${sql.ref(`${table}.content_id`)}), ${own})`.as(
    'review_after',
  );
};

/** What may still need a blob, or a content of any kind. */
const blobLooks = (rehearsed: boolean) => ({
  /** Whether a manifest of the repository references the blob. */
  referenced: statement((repositoryId: number, contentId: number) =>
    db
      .selectFrom('manifest_blob as mb')
      .select(thereIs)
      .where('mb.blob_id', '=', contentId)
      .where('mb.repository_id', '=', repositoryId)
      .where(manifestStays(rehearsed, 'mb.repository_id', 'mb.manifest_id'))
      .limit(1),
  ),

  linked: statement((contentId: number) =>
    db
      .selectFrom('blob_link as l')
      .select(thereIs)
      .where('l.content_id', '=', contentId)
      .where(linkStays(rehearsed))
      .limit(1),
  ),

  isManifest: statement((contentId: number) =>
    db
      .selectFrom('manifest as m')
      .select(thereIs)
      .where('m.content_id', '=', contentId)
      .where(manifestStays(rehearsed, 'm.repository_id', 'm.content_id'))
      .limit(1),
  ),

  link: statement((repositoryId: number, contentId: number) =>
    db
      .selectFrom('blob_link as l')
      .select(reviewTime(rehearsed, 'l'))
      .where('l.repository_id', '=', repositoryId)
      .where('l.content_id', '=', contentId)
      .where(linkStays(rehearsed)),
  ),
});

/** What stands above a manifest. */
const manifestLooks = (rehearsed: boolean) => ({
  manifest: statement((repositoryId: number, contentId: number) =>
    db
      .selectFrom('manifest as m')
      .crossJoin('content as c')
      .select(['m.subject', 'c.digest', 'c.size', reviewTime(rehearsed, 'm')])
      .where('m.repository_id', '=', repositoryId)
      .where('m.content_id', '=', contentId)
      .whereRef('c.id', '=', 'm.content_id')
      .where(manifestStays(rehearsed, 'm.repository_id', 'm.content_id')),
  ),

  /** The manifest of the repository with this digest. */
  manifestId: statement((repositoryId: number, digest: Uint8Array) =>
    db
      .selectFrom('content as c')
      .crossJoin('manifest as m')
      .select('m.content_id')
      .where('c.digest', '=', digest)
      .where('m.repository_id', '=', repositoryId)
      .whereRef('m.content_id', '=', 'c.id')
      .where(manifestStays(rehearsed, 'm.repository_id', 'm.content_id')),
  ),

  /** Indexes of the repository that list the manifest. */
  parents: statement((repositoryId: number, childId: number, limit: number) =>
    db
      .selectFrom('manifest_child as mc')
      .select('mc.parent_id')
      .where('mc.child_id', '=', childId)
      .where('mc.repository_id', '=', repositoryId)
      .where(manifestStays(rehearsed, 'mc.repository_id', 'mc.parent_id'))
      .limit(limit),
  ),

  /** Manifests that lack something they reference: what is theirs has no row. */
  incomplete: statement((repositoryId: number, limit: number) =>
    db
      .selectFrom('manifest as m')
      .select('m.content_id')
      .where('m.repository_id', '=', repositoryId)
      .where('m.incomplete', '=', 1)
      .where(manifestStays(rehearsed, 'm.repository_id', 'm.content_id'))
      .limit(limit),
  ),
});

/** What can not be known from rows. */
const unwrittenLooks = {
  /** The bytes of a manifest, if the text occurs in them. */
  bytesNaming: statement((contentId: number, text: Uint8Array) =>
    db
      .selectFrom('manifest_body')
      .select('bytes')
      .where('content_id', '=', contentId)
      .where(sql<boolean>`instr(bytes, ${text}) > 0`),
  ),

  holdsUnreadable: statement((repositoryId: number) =>
    db.selectFrom('unreadable').select(thereIs).where('repository_id', '=', repositoryId).limit(1),
  ),
};

/** What may still need something. */
export const lookStatements = { ...blobLooks(false), ...manifestLooks(false), ...unwrittenLooks };

/**
 * The same for a rehearsal (`gc --dry-run`), which deletes nothing: what would be gone by then, and what would have another
 * time, stands in temporary tables.
 */
export const rehearsedLookStatements = { ...blobLooks(true), ...manifestLooks(true), ...unwrittenLooks };

import { atLeast } from './review-time.js';
import { db, statement } from './statement.js';

/** Manifests, their bytes and what they reference. Joins are CROSS JOINs, which SQLite never turns round. */
export const manifestStatements = {
  byTag: statement((repository: string, tag: string) =>
    db
      .selectFrom('repository as r')
      .crossJoin('tag as t')
      .crossJoin('manifest as m')
      .select(['m.content_id', 'm.media_type_id'])
      .where('r.name', '=', repository)
      .whereRef('t.repository_id', '=', 'r.id')
      .where('t.name', '=', tag)
      .whereRef('m.repository_id', '=', 'r.id')
      .whereRef('m.content_id', '=', 't.content_id'),
  ),

  byDigest: statement((repository: string, digest: Uint8Array) =>
    db
      .selectFrom('repository as r')
      .crossJoin('content as c')
      .crossJoin('manifest as m')
      .select(['m.content_id', 'm.media_type_id'])
      .where('r.name', '=', repository)
      .where('c.digest', '=', digest)
      .whereRef('m.repository_id', '=', 'r.id')
      .whereRef('m.content_id', '=', 'c.id'),
  ),

  exists: statement((repositoryId: number, contentId: number) =>
    db
      .selectFrom('manifest')
      .select('media_type_id')
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId),
  ),

  content: statement((contentId: number) =>
    db.selectFrom('content').select(['digest', 'size']).where('id', '=', contentId),
  ),

  body: statement((contentId: number) =>
    db
      .selectFrom('content as c')
      .crossJoin('manifest_body as b')
      .select(['c.digest', 'b.bytes'])
      .where('c.id', '=', contentId)
      .whereRef('b.content_id', '=', 'c.id'),
  ),

  /** A manifest pushed again takes the media type and the times of the latest push. */
  put: statement(
    (
      repositoryId: number,
      contentId: number,
      mediaTypeId: number,
      artifactTypeId: number,
      subject: Uint8Array | null,
      now: number,
      reviewAfter: number | null,
      incomplete: 0 | 1,
    ) => {
      const latest = {
        media_type_id: mediaTypeId,
        artifact_type_id: artifactTypeId,
        subject,
        pushed_at: now,
        review_after: reviewAfter,
        incomplete,
      };
      return db
        .insertInto('manifest')
        .values({ repository_id: repositoryId, content_id: contentId, ...latest })
        .onConflict((conflict) => conflict.columns(['repository_id', 'content_id']).doUpdateSet(latest));
    },
  ),

  putBody: statement((contentId: number, bytes: Uint8Array) =>
    db
      .insertInto('manifest_body')
      .values({ content_id: contentId, bytes })
      .onConflict((conflict) => conflict.column('content_id').doNothing()),
  ),

  addBlob: statement((repositoryId: number, manifestId: number, blobId: number) =>
    db
      .insertInto('manifest_blob')
      .values({ repository_id: repositoryId, manifest_id: manifestId, blob_id: blobId })
      .onConflict((conflict) => conflict.columns(['repository_id', 'manifest_id', 'blob_id']).doNothing()),
  ),

  addChild: statement((repositoryId: number, parentId: number, childId: number) =>
    db
      .insertInto('manifest_child')
      .values({ repository_id: repositoryId, parent_id: parentId, child_id: childId })
      .onConflict((conflict) => conflict.columns(['repository_id', 'parent_id', 'child_id']).doNothing()),
  ),

  /** What references the content as a blob lists it as a manifest from now on. */
  addToParents: statement((repositoryId: number, childId: number) =>
    db
      .insertInto('manifest_child')
      .columns(['repository_id', 'parent_id', 'child_id'])
      .expression(
        db
          .selectFrom('manifest_blob')
          .select(['repository_id', 'manifest_id', 'blob_id'])
          .where('blob_id', '=', childId)
          .where('repository_id', '=', repositoryId),
      )
      .onConflict((conflict) => conflict.columns(['repository_id', 'parent_id', 'child_id']).doNothing()),
  ),

  review: statement((repositoryId: number, contentId: number, reviewAfter: number) =>
    db
      .updateTable('manifest')
      .set({ review_after: atLeast('review_after', reviewAfter) })
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId),
  ),

  reviewChildren: statement((repositoryId: number, parentId: number, reviewAfter: number) =>
    db
      .updateTable('manifest')
      .set({ review_after: atLeast('review_after', reviewAfter) })
      .where('repository_id', '=', repositoryId)
      .where(
        'content_id',
        'in',
        db
          .selectFrom('manifest_child')
          .select('child_id')
          .where('repository_id', '=', repositoryId)
          .where('parent_id', '=', parentId),
      ),
  ),

  /** Some of the indexes of the repository that list the manifest. */
  listing: statement((repositoryId: number, contentId: number, limit: number) =>
    db
      .selectFrom('manifest_child as mc')
      .crossJoin('content as c')
      .select('c.digest')
      .where('mc.child_id', '=', contentId)
      .where('mc.repository_id', '=', repositoryId)
      .whereRef('c.id', '=', 'mc.parent_id')
      .limit(limit),
  ),

  delete: statement((repositoryId: number, contentId: number) =>
    db.deleteFrom('manifest').where('repository_id', '=', repositoryId).where('content_id', '=', contentId),
  ),
};

import { CONTENT_STATE } from './content-state.js';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import { db, statement } from './statement.js';

/** What is taken over from a tree: rows that are there stay as they are, and only an explicit `gc` looks at new ones. */
export const adoptionStatements = {
  progress: statement(() =>
    db.selectFrom('adoption').select(['started_at', 'last_repository', 'finished_at']).where('only', '=', 1),
  ),

  begin: statement((now: number) =>
    db
      .insertInto('adoption')
      .values({ only: 1, started_at: now, last_repository: null, finished_at: null })
      .onConflict((conflict) => conflict.column('only').doNothing()),
  ),

  reach: statement((repository: string) =>
    db.updateTable('adoption').set({ last_repository: repository }).where('only', '=', 1),
  ),

  finish: statement((now: number) =>
    db.updateTable('adoption').set({ finished_at: now }).where('only', '=', 1),
  ),

  content: statement((digest: Uint8Array, size: number, unverified: 0 | 1) =>
    db
      .insertInto('content')
      .values({ digest, size, state: CONTENT_STATE.present, unverified })
      .onConflict((conflict) => conflict.column('digest').doNothing())
      .returning('id'),
  ),

  /** A reservation whose bytes are there: of a manifest, or of a push that did not come to its end. */
  found: statement((id: number) =>
    db
      .updateTable('content')
      .set({ state: CONTENT_STATE.present, unverified: 1 })
      .where('id', '=', id)
      .where('state', '=', CONTENT_STATE.reserved),
  ),

  verified: statement((id: number) =>
    db.updateTable('content').set({ unverified: 0 }).where('id', '=', id).where('unverified', '=', 1),
  ),

  link: statement((repositoryId: number, contentId: number, now: number) =>
    db
      .insertInto('blob_link')
      .values({
        repository_id: repositoryId,
        content_id: contentId,
        linked_at: now,
        review_after: ON_REQUEST,
      })
      .onConflict((conflict) => conflict.columns(['repository_id', 'content_id']).doNothing()),
  ),

  manifest: statement(
    (
      repositoryId: number,
      contentId: number,
      mediaTypeId: number,
      artifactTypeId: number,
      subject: Uint8Array | null,
      now: number,
    ) =>
      db
        .insertInto('manifest')
        .values({
          repository_id: repositoryId,
          content_id: contentId,
          media_type_id: mediaTypeId,
          artifact_type_id: artifactTypeId,
          subject,
          pushed_at: now,
          review_after: ON_REQUEST,
        })
        .onConflict((conflict) => conflict.columns(['repository_id', 'content_id']).doNothing()),
  ),

  complete: statement((repositoryId: number, contentId: number, incomplete: 0 | 1) =>
    db
      .updateTable('manifest')
      .set({ incomplete })
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId)
      .where('incomplete', '!=', incomplete),
  ),

  unreadablePaths: statement((repository: string) =>
    db
      .selectFrom('repository as r')
      .crossJoin('unreadable as u')
      .select(['u.repository_id', 'u.path'])
      .where('r.name', '=', repository)
      .whereRef('u.repository_id', '=', 'r.id'),
  ),

  readable: statement((repositoryId: number, path: string) =>
    db.deleteFrom('unreadable').where('repository_id', '=', repositoryId).where('path', '=', path),
  ),

  unreadable: statement((repositoryId: number, path: string, reason: string, digest: Uint8Array | null) =>
    db
      .insertInto('unreadable')
      .values({ repository_id: repositoryId, path, reason, digest })
      .onConflict((conflict) => conflict.columns(['repository_id', 'path']).doUpdateSet({ reason })),
  ),

  /** Manifests of the repository that reference the blob. */
  lackBlob: statement((repositoryId: number, blobId: number) =>
    db
      .updateTable('manifest')
      .set({ incomplete: 1 })
      .where('repository_id', '=', repositoryId)
      .where(
        'content_id',
        'in',
        db
          .selectFrom('manifest_blob')
          .select('manifest_id')
          .where('blob_id', '=', blobId)
          .where('repository_id', '=', repositoryId),
      ),
  ),

  /** Indexes of the repository that list the manifest. */
  lackChild: statement((repositoryId: number, childId: number) =>
    db
      .updateTable('manifest')
      .set({ incomplete: 1 })
      .where('repository_id', '=', repositoryId)
      .where(
        'content_id',
        'in',
        db
          .selectFrom('manifest_child')
          .select('parent_id')
          .where('child_id', '=', childId)
          .where('repository_id', '=', repositoryId),
      ),
  ),

  releaseBlob: statement((repositoryId: number, blobId: number) =>
    db.deleteFrom('manifest_blob').where('blob_id', '=', blobId).where('repository_id', '=', repositoryId),
  ),

  releaseChild: statement((repositoryId: number, childId: number) =>
    db.deleteFrom('manifest_child').where('child_id', '=', childId).where('repository_id', '=', repositoryId),
  ),
};

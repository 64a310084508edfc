import { sql } from 'kysely';
import { db, statement } from './statement.js';

/** Manifests by their subject, in the order of (artifact type, content), which one index gives. */
export const referrerStatements = {
  page: statement(
    (repositoryId: number, subject: Uint8Array, afterType: number, afterId: number, limit: number) =>
      db
        .selectFrom('manifest')
        .select(['content_id', 'media_type_id'])
        .where('repository_id', '=', repositoryId)
        .where('subject', '=', subject)
        .where(sql<boolean>`(artifact_type_id, content_id) > (${afterType}, ${afterId})`)
        .orderBy('artifact_type_id')
        .orderBy('content_id')
        .limit(limit),
  ),

  pageOfType: statement(
    (repositoryId: number, subject: Uint8Array, artifactTypeId: number, afterId: number, limit: number) =>
      db
        .selectFrom('manifest')
        .select(['content_id', 'media_type_id'])
        .where('repository_id', '=', repositoryId)
        .where('subject', '=', subject)
        .where('artifact_type_id', '=', artifactTypeId)
        .where('content_id', '>', afterId)
        .orderBy('content_id')
        .limit(limit),
  ),

  /** Where a referrer stands in the order. */
  place: statement((repositoryId: number, subject: Uint8Array, digest: Uint8Array) =>
    db
      .selectFrom('content as c')
      .crossJoin('manifest as m')
      .select(['m.artifact_type_id', 'm.content_id'])
      .where('c.digest', '=', digest)
      .where('m.repository_id', '=', repositoryId)
      .whereRef('m.content_id', '=', 'c.id')
      .where('m.subject', '=', subject),
  ),
};

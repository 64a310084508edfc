import { UPLOAD_STATE } from './upload-state.js';
import { db, statement } from './statement.js';

/** Uploads as they are, for a database that takes the place of another. */
export const openUploadStatements = {
  page: statement((after: Uint8Array, limit: number) =>
    db
      .selectFrom('upload as u')
      .crossJoin('repository as r')
      .select([
        'u.id',
        'r.name as repository',
        'u.algorithm',
        'u.offset',
        'u.fence',
        'u.lease',
        'u.lease_until',
        'u.started_at',
        'u.touched_at',
        'u.state',
      ])
      .where('u.id', '>', after)
      .whereRef('r.id', '=', 'u.repository_id')
      .orderBy('u.id')
      .limit(limit),
  ),

  insert: statement(
    (
      id: Uint8Array,
      repositoryId: number,
      algorithm: number,
      offset: number,
      fence: number,
      lease: Uint8Array | null,
      leaseUntil: number | null,
      startedAt: number,
      touchedAt: number,
    ) =>
      db
        .insertInto('upload')
        .values({
          id,
          repository_id: repositoryId,
          algorithm,
          offset,
          fence,
          lease,
          lease_until: leaseUntil,
          started_at: startedAt,
          touched_at: touchedAt,
          state: UPLOAD_STATE.open,
        })
        .onConflict((conflict) => conflict.column('id').doNothing()),
  ),
};

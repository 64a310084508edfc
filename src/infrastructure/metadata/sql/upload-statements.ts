import { UPLOAD_STATE, type UploadState } from './upload-state.js';
import { db, statement } from './statement.js';

const sessions = () =>
  db
    .selectFrom('upload as u')
    .crossJoin('repository as r')
    .select(['u.id', 'r.name as repository', 'u.offset', 'u.algorithm', 'u.fence', 'u.completed'])
    .whereRef('r.id', '=', 'u.repository_id');

/** A part of the sessions of one state, along their index, behind (touched_at, id). */
const page = (state: UploadState, afterTouched: number, afterId: Uint8Array, limit: number) =>
  sessions()
    .select('u.touched_at')
    .where('u.state', '=', state)
    .where((eb) => eb(eb.refTuple('u.touched_at', 'u.id'), '>', eb.tuple(afterTouched, afterId)))
    .orderBy('u.touched_at')
    .orderBy('u.id')
    .limit(limit);

export const uploadStatements = {
  create: statement((id: Uint8Array, repositoryId: number, algorithm: number, begunAt: number, now: number) =>
    db.insertInto('upload').values({
      id,
      repository_id: repositoryId,
      algorithm,
      offset: 0,
      fence: 0,
      started_at: begunAt,
      touched_at: now,
      state: UPLOAD_STATE.open,
    }),
  ),

  /** Makes the row of a session whose bytes came all at once. One that has ended otherwise stays as it is. */
  complete: statement(
    (id: Uint8Array, repositoryId: number, algorithm: number, digest: Uint8Array, now: number) =>
      db
        .insertInto('upload')
        .values({
          id,
          repository_id: repositoryId,
          algorithm,
          offset: 0,
          fence: 0,
          started_at: now,
          touched_at: now,
          state: UPLOAD_STATE.completed,
          completed: digest,
        })
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet({
              state: UPLOAD_STATE.completed,
              completed: digest,
              lease: null,
              lease_until: null,
              touched_at: now,
            })
            .where('upload.state', '=', UPLOAD_STATE.open),
        ),
  ),

  find: statement((repository: string, id: Uint8Array) =>
    sessions()
      .select(['u.state', 'u.lease', 'u.lease_until'])
      .where('u.id', '=', id)
      .where('r.name', '=', repository),
  ),

  /** Along the index of open sessions. */
  countOpen: statement(() =>
    db
      .selectFrom('upload')
      .select((eb) => eb.fn.countAll<number>().as('open'))
      .where('state', '=', UPLOAD_STATE.open),
  ),

  state: statement((id: Uint8Array) => db.selectFrom('upload').select('state').where('id', '=', id)),

  lease: statement((id: Uint8Array, token: Uint8Array, until: number, fence: number) =>
    db.updateTable('upload').set({ lease: token, lease_until: until, fence }).where('id', '=', id),
  ),

  renew: statement((id: Uint8Array, token: Uint8Array, until: number) =>
    db
      .updateTable('upload')
      .set({ lease_until: until })
      .where('id', '=', id)
      .where('lease', '=', token)
      .where('state', '=', UPLOAD_STATE.open),
  ),

  release: statement((id: Uint8Array, token: Uint8Array, offset: number, now: number) =>
    db
      .updateTable('upload')
      .set({ offset, lease: null, lease_until: null, touched_at: now })
      .where('id', '=', id)
      .where('lease', '=', token)
      .where('state', '=', UPLOAD_STATE.open),
  ),

  cancel: statement((repository: string, id: Uint8Array, now: number) =>
    db
      .updateTable('upload')
      .set({ state: UPLOAD_STATE.cancelled, lease: null, lease_until: null, touched_at: now })
      .where('id', '=', id)
      .where('repository_id', '=', db.selectFrom('repository').select('id').where('name', '=', repository))
      .where('state', '=', UPLOAD_STATE.open),
  ),

  abandoned: statement((before: number, afterTouched: number, afterId: Uint8Array, limit: number) =>
    page(UPLOAD_STATE.open, afterTouched, afterId, limit)
      .where('u.touched_at', '<', before)
      .where((eb) => eb.or([eb('u.lease_until', 'is', null), eb('u.lease_until', '<', before)])),
  ),

  purge: statement((id: Uint8Array, before: number, now: number) =>
    db
      .updateTable('upload')
      .set({ state: UPLOAD_STATE.cancelled, lease: null, lease_until: null, touched_at: now })
      .where('id', '=', id)
      .where('state', '=', UPLOAD_STATE.open)
      .where('touched_at', '<', before)
      .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', before)])),
  ),

  cancelled: statement((afterTouched: number, afterId: Uint8Array, limit: number) =>
    page(UPLOAD_STATE.cancelled, afterTouched, afterId, limit),
  ),

  completed: statement((before: number, afterTouched: number, afterId: Uint8Array, limit: number) =>
    page(UPLOAD_STATE.completed, afterTouched, afterId, limit).where('u.touched_at', '<', before),
  ),

  forget: statement((id: Uint8Array) =>
    db.deleteFrom('upload').where('id', '=', id).where('state', '!=', UPLOAD_STATE.open),
  ),
};

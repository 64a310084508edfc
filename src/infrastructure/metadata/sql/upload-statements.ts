import { UPLOAD_STATE } from './upload-state.js';
import { db, statement } from './statement.js';

const sessions = () =>
  db
    .selectFrom('upload as u')
    .crossJoin('repository as r')
    .select(['u.id', 'r.name as repository', 'u.offset', 'u.algorithm', 'u.fence', 'u.completed'])
    .whereRef('r.id', '=', 'u.repository_id');

export const uploadStatements = {
  create: statement((id: Uint8Array, repositoryId: number, algorithm: number, now: number) =>
    db.insertInto('upload').values({
      id,
      repository_id: repositoryId,
      algorithm,
      offset: 0,
      fence: 0,
      started_at: now,
      touched_at: now,
      state: UPLOAD_STATE.open,
    }),
  ),

  find: statement((repository: string, id: Uint8Array) =>
    sessions()
      .select(['u.state', 'u.lease', 'u.lease_until'])
      .where('u.id', '=', id)
      .where('r.name', '=', repository)
      .where('u.state', '!=', UPLOAD_STATE.cancelled),
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

  complete: statement((id: Uint8Array, digest: Uint8Array, now: number) =>
    db
      .updateTable('upload')
      .set({
        state: UPLOAD_STATE.completed,
        completed: digest,
        lease: null,
        lease_until: null,
        touched_at: now,
      })
      .where('id', '=', id)
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

  cancelled: statement((limit: number) =>
    sessions().where('u.state', '=', UPLOAD_STATE.cancelled).orderBy('u.touched_at').limit(limit),
  ),

  completed: statement((before: number, limit: number) =>
    sessions()
      .where('u.state', '=', UPLOAD_STATE.completed)
      .where('u.touched_at', '<', before)
      .orderBy('u.touched_at')
      .limit(limit),
  ),

  forget: statement((id: Uint8Array) =>
    db.deleteFrom('upload').where('id', '=', id).where('state', '!=', UPLOAD_STATE.open),
  ),
};

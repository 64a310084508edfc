import { db, statement } from './statement.js';
import { CONTENT_STATE } from './content-state.js';
import { atLeast } from './review-time.js';

/** Lives of digests. */
export const contentStatements = {
  id: statement((digest: Uint8Array) => db.selectFrom('content').select('id').where('digest', '=', digest)),

  state: statement((digest: Uint8Array) =>
    db.selectFrom('content').select(['id', 'state']).where('digest', '=', digest),
  ),

  stateOf: statement((id: number) => db.selectFrom('content').select('state').where('id', '=', id)),

  reserve: statement((digest: Uint8Array, size: number, reviewAfter: number) =>
    db
      .insertInto('content')
      .values({ digest, size, state: CONTENT_STATE.reserved, review_after: reviewAfter })
      .returning('id'),
  ),

  /** Never earlier than it is: somebody may hold a reservation. */
  review: statement((id: number, reviewAfter: number) =>
    db
      .updateTable('content')
      .set({ review_after: atLeast('review_after', reviewAfter) })
      .where('id', '=', id),
  ),

  present: statement((id: number) =>
    db.updateTable('content').set({ state: CONTENT_STATE.present }).where('id', '=', id),
  ),
};

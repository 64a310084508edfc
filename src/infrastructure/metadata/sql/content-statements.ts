import { sql } from 'kysely';
import { db, statement } from './statement.js';
import { CONTENT_STATE } from './content-state.js';
import { atLeast } from './review-time.js';

/** That the database does not keep its bytes for the storage. */
const nothingWaits = sql<boolean>`not exists (select 1 from waiting_bytes w where w.content_id = content.id)`;

/** Lives of digests. */
export const contentStatements = {
  id: statement((digest: Uint8Array) => db.selectFrom('content').select('id').where('digest', '=', digest)),

  state: statement((digest: Uint8Array) =>
    db.selectFrom('content').select(['id', 'state', 'unverified']).where('digest', '=', digest),
  ),

  /** Of one range of digests, in their order, without those whose bytes wait in the database. */
  presentBetween: statement((after: Uint8Array, before: Uint8Array, limit: number) =>
    db
      .selectFrom('content')
      .select(['id', 'digest'])
      .where('digest', '>', after)
      .where('digest', '<', before)
      .where('state', '=', CONTENT_STATE.present)
      .where(nothingWaits)
      .orderBy('digest')
      .limit(limit),
  ),

  /** Its bytes are gone: as if they had still to be placed. Not when they were pushed since and wait to be. */
  lose: statement((id: number) =>
    db
      .updateTable('content')
      .set({ state: CONTENT_STATE.reserved })
      .where('id', '=', id)
      .where('state', '=', CONTENT_STATE.present)
      .where(nothingWaits),
  ),

  stateOf: statement((id: number) =>
    db.selectFrom('content').select(['state', 'unverified']).where('id', '=', id),
  ),

  insert: statement((digest: Uint8Array, size: number, state: number, reviewAfter: number) =>
    db.insertInto('content').values({ digest, size, state, review_after: reviewAfter }),
  ),

  /** Bytes that no row knows, due at once. */
  orphan: statement((digest: Uint8Array, size: number, now: number) =>
    db
      .insertInto('content')
      .values({ digest, size, state: CONTENT_STATE.reserved, review_after: now })
      .onConflict((conflict) => conflict.column('digest').doNothing()),
  ),

  /** Never earlier than it is: somebody may hold a reservation. */
  review: statement((id: number, reviewAfter: number) =>
    db
      .updateTable('content')
      .set({ review_after: atLeast('review_after', reviewAfter) })
      .where('id', '=', id),
  ),

  lostBy: statement((id: number, repositoryId: number) =>
    db
      .insertInto('former_name')
      .values({ content_id: id, repository_id: repositoryId })
      .onConflict((conflict) => conflict.columns(['content_id', 'repository_id']).doNothing()),
  ),

  /** With bytes that were verified: what was adopted may have had another size. */
  present: statement((id: number, size: number) =>
    db.updateTable('content').set({ state: CONTENT_STATE.present, size, unverified: 0 }).where('id', '=', id),
  ),
};

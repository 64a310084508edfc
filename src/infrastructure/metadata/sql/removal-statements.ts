import { sql } from 'kysely';
import { CONTENT_STATE } from './content-state.js';
import { db, statement } from './statement.js';

const claimed = () =>
  db.selectFrom('content').select(['id', 'digest', 'size', 'claim']).where('claim', 'is not', null);

/** Content on its way out: due, condemned under a claim, forgotten. */
export const removalStatements = {
  due: statement((dueUntil: number, review: number, id: number, limit: number) =>
    db
      .selectFrom('content')
      .select(['id', 'digest', 'size', 'review_after'])
      .where('review_after', 'is not', null)
      .where('review_after', '<=', dueUntil)
      .where(sql<boolean>`(review_after, id) > (${review}, ${id})`)
      .orderBy('review_after')
      .orderBy('id')
      .limit(limit),
  ),

  formerRepositories: statement((id: number) =>
    db
      .selectFrom('former_name as f')
      .crossJoin('repository as r')
      .select(['r.id', 'r.name'])
      .where('f.content_id', '=', id)
      .whereRef('r.id', '=', 'f.repository_id'),
  ),

  state: statement((id: number) =>
    db.selectFrom('content').select(['state', 'review_after']).where('id', '=', id),
  ),

  condemn: statement((id: number, claim: Uint8Array, until: number) =>
    db
      .updateTable('content')
      .set({ state: CONTENT_STATE.condemned, claim, claimed_until: until, review_after: null })
      .where('id', '=', id),
  ),

  expired: statement((now: number, limit: number) =>
    claimed().where('claimed_until', '<', now).orderBy('claimed_until').limit(limit),
  ),

  expiredOf: statement((digest: Uint8Array, now: number) =>
    claimed().where('digest', '=', digest).where('claimed_until', '<', now),
  ),

  takeOver: statement((id: number, former: Uint8Array, claim: Uint8Array, until: number, now: number) =>
    db
      .updateTable('content')
      .set({ claim, claimed_until: until })
      .where('id', '=', id)
      .where('state', '=', CONTENT_STATE.condemned)
      .where('claim', '=', former)
      .where('claimed_until', '<', now),
  ),

  held: statement((id: number, claim: Uint8Array) =>
    db
      .selectFrom('content')
      .select(['digest', 'size'])
      .where('id', '=', id)
      .where('state', '=', CONTENT_STATE.condemned)
      .where('claim', '=', claim),
  ),

  forget: statement((id: number, claim: Uint8Array) =>
    db
      .deleteFrom('content')
      .where('id', '=', id)
      .where('state', '=', CONTENT_STATE.condemned)
      .where('claim', '=', claim),
  ),

  /** Few rows are claimed at any time. */
  isClaimed: statement((claim: Uint8Array) =>
    db
      .selectFrom('content')
      .select(sql<1>`1`.as('claimed'))
      .where('claimed_until', '>', 0)
      .where('claim', '=', claim)
      .limit(1),
  ),

  /** Few rows are claimed at any time. */
  countClaimed: statement(() =>
    db
      .selectFrom('content')
      .select((eb) => eb.fn.countAll<number>().as('claimed'))
      .where('claimed_until', '>', 0)
      .where('claim', 'is not', null),
  ),

  pendingChange: statement((digest: Uint8Array) =>
    db
      .selectFrom('journal')
      .select(sql<1>`1`.as('pending'))
      .where('key', '=', digest)
      .limit(1),
  ),

  pendingReplacement: statement((digest: Uint8Array) =>
    db
      .selectFrom('journal')
      .select(sql<1>`1`.as('pending'))
      .where('replaced', '=', digest)
      .limit(1),
  ),

  unreadable: statement((digest: Uint8Array) =>
    db
      .selectFrom('unreadable')
      .select(sql<1>`1`.as('unreadable'))
      .where('digest', '=', digest)
      .limit(1),
  ),
};

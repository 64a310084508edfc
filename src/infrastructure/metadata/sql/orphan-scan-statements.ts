import { db, statement } from './statement.js';

/** The scan for orphans that is under way. */
export const orphanScanStatements = {
  current: statement(() =>
    db.selectFrom('orphan_scan').select(['started_at', 'grace', 'last_digest']).where('only', '=', 1),
  ),

  begin: statement((startedAt: number, grace: number) =>
    db.insertInto('orphan_scan').values({ only: 1, started_at: startedAt, grace, last_digest: null }),
  ),

  reach: statement((digest: Uint8Array) =>
    db.updateTable('orphan_scan').set({ last_digest: digest }).where('only', '=', 1),
  ),

  end: statement(() => db.deleteFrom('orphan_scan').where('only', '=', 1)),

  add: statement((digest: Uint8Array) =>
    db
      .insertInto('orphan_candidate')
      .values({ digest })
      .onConflict((conflict) => conflict.column('digest').doNothing()),
  ),

  candidates: statement((after: Uint8Array, limit: number) =>
    db
      .selectFrom('orphan_candidate')
      .select('digest')
      .where('digest', '>', after)
      .orderBy('digest')
      .limit(limit),
  ),

  settle: statement((after: Uint8Array) => db.deleteFrom('orphan_candidate').where('digest', '>', after)),
};

import { db, statement } from './statement.js';

/** Bytes of small blobs that the storage does not have durably yet. */
export const waitingStatements = {
  add: statement((contentId: number, journalId: number, bytes: Uint8Array) =>
    db
      .insertInto('waiting_bytes')
      .values({ content_id: contentId, journal_id: journalId, bytes })
      .onConflict((conflict) => conflict.column('content_id').doUpdateSet({ journal_id: journalId })),
  ),

  find: statement((digest: Uint8Array) =>
    db
      .selectFrom('content as c')
      .crossJoin('waiting_bytes as w')
      .select(['w.content_id', 'w.bytes'])
      .where('c.digest', '=', digest)
      .whereRef('w.content_id', '=', 'c.id'),
  ),

  /** With the change that brought them, and no other. */
  forget: statement((contentId: number, journalId: number) =>
    db.deleteFrom('waiting_bytes').where('content_id', '=', contentId).where('journal_id', '=', journalId),
  ),
};

import { db, statement } from './statement.js';

/** Bytes of small blobs that the storage does not have durably yet. */
export const waitingStatements = {
  add: statement((contentId: number, bytes: Uint8Array) =>
    db
      .insertInto('waiting_bytes')
      .values({ content_id: contentId, bytes })
      .onConflict((conflict) => conflict.column('content_id').doNothing()),
  ),

  find: statement((digest: Uint8Array) =>
    db
      .selectFrom('content as c')
      .crossJoin('waiting_bytes as w')
      .select(['w.content_id', 'w.bytes'])
      .where('c.digest', '=', digest)
      .whereRef('w.content_id', '=', 'c.id'),
  ),

  /** Unless a change of a link to it has still to be made durable. */
  forget: statement((contentId: number) =>
    db
      .deleteFrom('waiting_bytes')
      .where('content_id', '=', contentId)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('content as c')
              .crossJoin('journal as j')
              .select('j.id')
              .where('c.id', '=', contentId)
              .whereRef('j.key', '=', 'c.digest'),
          ),
        ),
      ),
  ),
};

import { db, statement } from './statement.js';

export const identityStatements = {
  id: statement(() => db.selectFrom('database_identity').select('id')),

  /** No row before the first change. */
  lastChange: statement(() => db.selectFrom('sqlite_sequence').select('seq').where('name', '=', 'journal')),

  /** No row before the first event. */
  lastEvent: statement(() =>
    db.selectFrom('sqlite_sequence').select('seq').where('name', '=', 'outbox_event'),
  ),
};

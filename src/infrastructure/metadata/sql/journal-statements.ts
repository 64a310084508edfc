import { db, statement } from './statement.js';

/** Changes of names whose link files are not durable yet. */
export const journalStatements = {
  add: statement(
    (
      repositoryId: number,
      kind: number,
      key: Uint8Array,
      replaced: Uint8Array | null,
      given: Uint8Array | null,
      instance: Uint8Array,
    ) =>
      db.insertInto('journal').values({ repository_id: repositoryId, kind, key, replaced, given, instance }),
  ),

  pending: statement((repository: string, kind: number, key: Uint8Array) =>
    db
      .selectFrom('repository as r')
      .crossJoin('journal as j')
      .select('j.id')
      .where('r.name', '=', repository)
      .where('j.key', '=', key)
      .whereRef('j.repository_id', '=', 'r.id')
      .where('j.kind', '=', kind)
      .limit(1),
  ),

  forget: statement((id: number) => db.deleteFrom('journal').where('id', '=', id)),

  /** In the order of their ids; those of one process are left out by who asks. */
  page: statement((after: number, limit: number) =>
    db
      .selectFrom('journal as j')
      .crossJoin('repository as r')
      .select(['j.id', 'r.name as repository', 'j.kind', 'j.key', 'j.replaced', 'j.given', 'j.instance'])
      .where('j.id', '>', after)
      .whereRef('r.id', '=', 'j.repository_id')
      .orderBy('j.id')
      .limit(limit),
  ),
};

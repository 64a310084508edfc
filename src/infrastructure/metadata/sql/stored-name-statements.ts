import { db, statement } from './statement.js';

/** Walks over all that a repository has, in the order of its keys. */
export const storedNameStatements = {
  revisions: statement((repository: string, after: number, limit: number) =>
    db
      .selectFrom('repository as r')
      .crossJoin('manifest as m')
      .crossJoin('content as c')
      .select(['m.content_id', 'c.digest'])
      .where('r.name', '=', repository)
      .whereRef('m.repository_id', '=', 'r.id')
      .where('m.content_id', '>', after)
      .whereRef('c.id', '=', 'm.content_id')
      .orderBy('m.content_id')
      .limit(limit),
  ),

  layers: statement((repository: string, after: number, limit: number) =>
    db
      .selectFrom('repository as r')
      .crossJoin('blob_link as l')
      .crossJoin('content as c')
      .select(['l.content_id', 'c.digest'])
      .where('r.name', '=', repository)
      .whereRef('l.repository_id', '=', 'r.id')
      .where('l.content_id', '>', after)
      .whereRef('c.id', '=', 'l.content_id')
      .orderBy('l.content_id')
      .limit(limit),
  ),
};

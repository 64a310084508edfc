import { sql } from 'kysely';
import { db, statement } from './statement.js';

export const tagStatements = {
  page: statement((repository: string, after: string, limit: number) =>
    db
      .selectFrom('repository as r')
      .crossJoin('tag as t')
      .select('t.name')
      .where('r.name', '=', repository)
      .whereRef('t.repository_id', '=', 'r.id')
      .where('t.name', '>', after)
      .orderBy('t.name')
      .limit(limit),
  ),

  target: statement((repositoryId: number, name: string) =>
    db
      .selectFrom('tag as t')
      .crossJoin('content as c')
      .select(['t.content_id', 'c.digest'])
      .where('t.repository_id', '=', repositoryId)
      .where('t.name', '=', name)
      .whereRef('c.id', '=', 't.content_id'),
  ),

  /** The digest that a tag of the repository points at. */
  digest: statement((repository: string, name: string) =>
    db
      .selectFrom('repository as r')
      .crossJoin('tag as t')
      .crossJoin('content as c')
      .select('c.digest')
      .where('r.name', '=', repository)
      .whereRef('t.repository_id', '=', 'r.id')
      .where('t.name', '=', name)
      .whereRef('c.id', '=', 't.content_id'),
  ),

  /** The tags of a manifest. */
  all: statement((repositoryId: number, contentId: number) =>
    db
      .selectFrom('tag')
      .select('name')
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId),
  ),

  /** Whether the manifest has a tag. */
  names: statement((repositoryId: number, contentId: number) =>
    db
      .selectFrom('tag')
      .select(sql<1>`1`.as('tagged'))
      .where('repository_id', '=', repositoryId)
      .where('content_id', '=', contentId)
      .limit(1),
  ),

  move: statement((repositoryId: number, name: string, contentId: number, now: number) =>
    db
      .insertInto('tag')
      .values({ repository_id: repositoryId, name, content_id: contentId, updated_at: now })
      .onConflict((conflict) =>
        conflict.columns(['repository_id', 'name']).doUpdateSet({ content_id: contentId, updated_at: now }),
      ),
  ),

  delete: statement((repositoryId: number, name: string) =>
    db.deleteFrom('tag').where('repository_id', '=', repositoryId).where('name', '=', name),
  ),

  deleteAll: statement((repositoryId: number, contentId: number) =>
    db.deleteFrom('tag').where('repository_id', '=', repositoryId).where('content_id', '=', contentId),
  ),
};

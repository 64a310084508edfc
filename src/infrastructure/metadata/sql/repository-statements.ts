import { sql } from 'kysely';
import { db, statement } from './statement.js';

/** Repositories and the catalog. */
export const repositoryStatements = {
  id: statement((name: string) => db.selectFrom('repository').select('id').where('name', '=', name)),

  insert: statement((name: string, now: number) =>
    db.insertInto('repository').values({ name, created_at: now }),
  ),

  isPopulated: statement((name: string) =>
    db.selectFrom('repository').select('populated').where('name', '=', name),
  ),

  page: statement((after: string, limit: number) =>
    db
      .selectFrom('repository')
      .select('name')
      .where('populated', '=', 1)
      .where('name', '>', after)
      .orderBy('name')
      .limit(limit),
  ),

  /** Apart from other changes of the row: naming `populated` in a SET rewrites the catalog's index. */
  populate: statement((id: number) =>
    db.updateTable('repository').set({ populated: 1 }).where('id', '=', id).where('populated', '=', 0),
  ),

  clearPopulated: statement((id: number) =>
    db
      .updateTable('repository')
      .set({ populated: 0 })
      .where('id', '=', id)
      .where('populated', '=', 1)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('blob_link')
              .select(sql`1`.as('one'))
              .where('repository_id', '=', id),
          ),
        ),
      )
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('manifest')
              .select(sql`1`.as('one'))
              .where('repository_id', '=', id),
          ),
        ),
      ),
  ),
};

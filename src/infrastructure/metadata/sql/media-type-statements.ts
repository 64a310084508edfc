import { db, statement } from './statement.js';

/** Media types stand once, and as small integers in the rows. Clients choose them. */
export const mediaTypeStatements = {
  id: statement((name: string) => db.selectFrom('media_type').select('id').where('name', '=', name)),

  name: statement((id: number) => db.selectFrom('media_type').select('name').where('id', '=', id)),

  insert: statement((name: string) => db.insertInto('media_type').values({ name })),
};

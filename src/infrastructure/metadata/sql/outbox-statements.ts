import { sql } from 'kysely';
import { db, statement } from './statement.js';

/** Events that wait, and the endpoints that they wait for. */
export const outboxStatements = {
  add: statement(
    (createdAt: number, repository: string, action: string, mediaType: string, payload: string) =>
      db
        .insertInto('outbox_event')
        .values({ created_at: createdAt, repository, action, media_type: mediaType, payload }),
  ),

  /** Under the id that it has elsewhere. */
  copy: statement(
    (id: number, createdAt: number, repository: string, action: string, mediaType: string, payload: string) =>
      db
        .insertInto('outbox_event')
        .values({ id, created_at: createdAt, repository, action, media_type: mediaType, payload }),
  ),

  after: statement((id: number, limit: number) =>
    db
      .selectFrom('outbox_event')
      .select(['id', 'repository', 'action', 'media_type'])
      .where('id', '>', id)
      .orderBy('id')
      .limit(limit),
  ),

  /** The same with all that they hold. */
  wholeAfter: statement((id: number, limit: number) =>
    db.selectFrom('outbox_event').selectAll().where('id', '>', id).orderBy('id').limit(limit),
  ),

  payload: statement((id: number) => db.selectFrom('outbox_event').select('payload').where('id', '=', id)),

  firstAfter: statement((id: number) =>
    db.selectFrom('outbox_event').select(['id', 'created_at']).where('id', '>', id).orderBy('id').limit(1),
  ),

  oldest: statement((limit: number) =>
    db
      .selectFrom('outbox_event')
      .select(['id', 'created_at', 'action', 'media_type'])
      .where('id', '>', 0)
      .orderBy('id')
      .limit(limit),
  ),

  removeThrough: statement((id: number, limit: number) =>
    db
      .deleteFrom('outbox_event')
      .where(
        'id',
        'in',
        db.selectFrom('outbox_event').select('id').where('id', '<=', id).orderBy('id').limit(limit),
      ),
  ),

  endpoints: statement(() =>
    db.selectFrom('outbox_endpoint').selectAll().where('name', '>=', '').orderBy('name'),
  ),

  register: statement((name: string, through: number) =>
    db
      .insertInto('outbox_endpoint')
      .values({ name, delivered_through: through })
      .onConflict((conflict) => conflict.doNothing()),
  ),

  copyEndpoint: statement(
    (
      name: string,
      through: number,
      delivered: number,
      dropped: number,
      failures: number,
      lastError: string | null,
      lastAttempt: number | null,
    ) =>
      db.insertInto('outbox_endpoint').values({
        name,
        delivered_through: through,
        delivered,
        dropped,
        failures,
        last_error: lastError,
        last_attempt: lastAttempt,
      }),
  ),

  forget: statement((name: string) =>
    db.deleteFrom('outbox_endpoint').where('name', '=', name).returning('delivered_through'),
  ),

  advance: statement(
    (
      name: string,
      through: number,
      delivered: number,
      failures: number,
      lastError: string | null,
      lastAttempt: number | null,
      retryAt: number | null,
    ) =>
      db
        .updateTable('outbox_endpoint')
        .set({
          delivered_through: sql<number>`max(delivered_through, ${through})`,
          delivered: sql<number>`delivered + ${delivered}`,
          failures,
          last_error: lastError,
          last_attempt: lastAttempt,
          retry_at: retryAt,
        })
        .where('name', '=', name),
  ),

  drop: statement((name: string, through: number, dropped: number) =>
    db
      .updateTable('outbox_endpoint')
      .set({
        delivered_through: sql<number>`max(delivered_through, ${through})`,
        dropped: sql<number>`dropped + ${dropped}`,
      })
      .where('name', '=', name),
  ),

  askRetry: statement((name: string) =>
    db
      .updateTable('outbox_endpoint')
      .set({ retries_asked: sql<number>`retries_asked + 1` })
      .where('name', '=', name),
  ),
};

import { identityStatements } from '../sql/identity-statements.js';
import { outboxStatements } from '../sql/outbox-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { isNoDatabase } from './sqlite-fault.js';

/** Rows of one transaction. */
const PAGE = 500;

/**
 * Carries over from one database to another, in which nothing has happened yet, what endpoints have still to be told, under
 * the ids that it has: endpoints know by these how far they are.
 * @throws the fault of a page that is damaged, when all that stands before it is carried over
 */
export async function carryOverOutbox(from: SqliteDatabase, to: SqliteDatabase): Promise<void> {
  await goOnBehindIdsOf(from, to);
  const fault = await carryOverEvents(from, to);
  await carryOverEndpoints(from, to);
  if (fault !== undefined) throw fault;
}

/** Ids that were given are not given again: SQLite goes on behind the highest that a table has ever had. */
async function goOnBehindIdsOf(from: SqliteDatabase, to: SqliteDatabase): Promise<void> {
  const newest = from.prepare(identityStatements.lastEvent).get()?.seq ?? 0;
  if (newest === 0) return;
  const copy = to.prepare(outboxStatements.copy);
  const remove = to.prepare(outboxStatements.removeThrough);
  await to.transaction(() => {
    copy.run(newest, 0, '', '', '', '');
    remove.run(newest, 1);
  });
}

/** @returns what keeps the rest from being read */
async function carryOverEvents(from: SqliteDatabase, to: SqliteDatabase): Promise<Error | undefined> {
  const page = from.prepare(outboxStatements.wholeAfter);
  const copy = to.prepare(outboxStatements.copy);
  for (let after = 0; ;) {
    const rows = readable(() => page.all(after, PAGE));
    if ('fault' in rows) return rows.fault;
    await to.transaction(() => {
      for (const row of rows) {
        copy.run(row.id, row.created_at, row.repository, row.action, row.media_type, row.payload);
      }
    });
    const last = rows.at(-1);
    if (last === undefined) return undefined;
    after = last.id;
  }
}

function readable<T extends object>(read: () => T): T | { readonly fault: Error } {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error && isNoDatabase(error))) throw error;
    return { fault: error };
  }
}

async function carryOverEndpoints(from: SqliteDatabase, to: SqliteDatabase): Promise<void> {
  const copy = to.prepare(outboxStatements.copyEndpoint);
  const endpoints = from.prepare(outboxStatements.endpoints).all();
  await to.transaction(() => {
    for (const row of endpoints) {
      copy.run(
        row.name,
        row.delivered_through,
        row.delivered,
        row.dropped,
        row.failures,
        row.last_error,
        row.last_attempt,
      );
    }
  });
}

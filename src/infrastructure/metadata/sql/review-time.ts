import { sql, type RawBuilder } from 'kysely';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';

/**
 * The column's time or `time`, whichever is later. A NULL counts as the beginning of time, and so does ON_REQUEST: what
 * changes is looked at without a request.
 */
export function atLeast(column: string, time: number): RawBuilder<number> {
  return sql<number>`max(ifnull(nullif(${sql.ref(column)}, ${sql.lit(ON_REQUEST)}), 0), ${time})`;
}

/** The same, but a NULL stays: SQLite's max of a NULL is NULL. */
export function atLeastUnlessNull(column: string, time: number): RawBuilder<number | null> {
  return sql<number | null>`max(${sql.ref(column)}, ${time})`;
}

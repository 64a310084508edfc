import { sql, type RawBuilder } from 'kysely';

/** The column's time or `time`, whichever is later; a NULL counts as the beginning of time. */
export function atLeast(column: string, time: number): RawBuilder<number> {
  return sql<number>`max(ifnull(${sql.ref(column)}, 0), ${time})`;
}

/** The same, but a NULL stays: SQLite's max of a NULL is NULL. */
export function atLeastUnlessNull(column: string, time: number): RawBuilder<number | null> {
  return sql<number | null>`max(${sql.ref(column)}, ${time})`;
}

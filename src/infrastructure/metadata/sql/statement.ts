import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
} from 'kysely';
import type { Schema } from './schema.js';

/** SQL text that takes the parameters `P` by position and gives rows `R`. */
export interface Statement<P extends readonly unknown[], R> {
  readonly sql: string;
  /** Never there: it carries the types. */
  readonly $types?: { readonly parameters: P; readonly row: R };
}

class Placeholder {
  readonly position: number;

  constructor(position: number) {
    this.position = position;
  }
}

/**
 * Values written in a query become literals, because a partial index is only used when its condition stands in the
 * text; only the parameters of the describing function are bound.
 */
class StatementCompiler extends SqliteQueryCompiler {
  protected override appendValue(value: unknown): void {
    if (value instanceof Placeholder) this.append(`?${value.position}`);
    else this.appendImmediateValue(value);
  }
}

/** Builds queries and runs none. */
export const db = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new StatementCompiler(),
  },
});

/**
 * A query that is compiled once, when it is prepared: requests never build one, and a start only those that it runs.
 * @param describe gets a placeholder for each parameter, and uses it as if it were the value
 */
export function statement<P extends readonly unknown[], R>(
  describe: (...parameters: P) => Compilable<R>,
): Statement<P, R> {
  const compile = (): string => {
    const placeholders = Array.from({ length: describe.length }, (_, at) => new Placeholder(at + 1));
    return describe(...(placeholders as unknown as P)).compile().sql;
  };
  let compiled: string | undefined;
  return {
    get sql() {
      return (compiled ??= compile());
    },
  };
}

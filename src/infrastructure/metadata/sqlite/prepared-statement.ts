import type { StatementSyncInstance } from '@photostructure/sqlite';
import { sqliteFault } from './sqlite-fault.js';

/** The values of one row, as the driver gives them. */
type Values = readonly unknown[];

/**
 * A statement of the catalogue, ready to run: `P` are its parameters by position, `R` its rows.
 *
 * The driver gives arrays, and objects are made of them here: it would make one by a call of `Object.create` and a name for
 * each column, from native code, which is a fifth of a short read.
 */
export class PreparedStatement<P extends readonly unknown[], R> {
  #statement: StatementSyncInstance | undefined;
  #columns: readonly string[] | undefined;
  readonly #beforeRead: () => void;

  /** @param beforeRead is called before rows are read */
  constructor(prepared: StatementSyncInstance, beforeRead: () => void) {
    prepared.setReturnArrays(true);
    this.#statement = prepared;
    this.#beforeRead = beforeRead;
  }

  /** The first row. */
  get(...parameters: P): R | undefined {
    try {
      this.#beforeRead();
      const values = this.#open().get(...parameters) as Values | undefined;
      return values && this.#toRow(values);
    } catch (error) {
      throw sqliteFault(error);
    }
  }

  all(...parameters: P): readonly R[] {
    try {
      this.#beforeRead();
      return (this.#open().all(...parameters) as Values[]).map((values) => this.#toRow(values));
    } catch (error) {
      throw sqliteFault(error);
    }
  }

  /** Tells nothing of what it has changed: to be told so by the driver costs as much as a short statement. */
  run(...parameters: P): void {
    try {
      this.#open().get(...parameters);
    } catch (error) {
      throw sqliteFault(error);
    }
  }

  /** @returns how many rows it inserted, updated or deleted */
  change(...parameters: P): number {
    try {
      return this.#open().run(...parameters).changes;
    } catch (error) {
      throw sqliteFault(error);
    }
  }

  /**
   * Of a statement that always inserts one row. With `returning` SQLite would look for the row in every table that refers
   * to it.
   * @returns its id
   */
  insert(...parameters: P): number {
    try {
      return Number(this.#open().run(...parameters).lastInsertRowid);
    } catch (error) {
      throw sqliteFault(error);
    }
  }

  /** Lets go of the prepared statement: a database with living statements does not close. */
  release(): void {
    this.#statement = undefined;
  }

  #toRow(values: Values): R {
    this.#columns ??= this.#open()
      .columns()
      .map(({ name }) => name);
    const row: Record<string, unknown> = {};
    for (const [at, name] of this.#columns.entries()) row[name] = values[at];
    return row as R;
  }

  #open(): StatementSyncInstance {
    if (this.#statement === undefined) throw new Error('the metadata database is closed');
    return this.#statement;
  }
}

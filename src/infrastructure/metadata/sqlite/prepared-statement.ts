import type { StatementSyncInstance } from '@photostructure/sqlite';
import { sqliteFault } from './sqlite-fault.js';

/** A statement of the catalogue, ready to run: `P` are its parameters by position, `R` its rows. */
export class PreparedStatement<P extends readonly unknown[], R> {
  #statement: StatementSyncInstance | undefined;
  readonly #beforeRead: () => void;

  /** @param beforeRead is called before rows are read */
  constructor(prepared: StatementSyncInstance, beforeRead: () => void) {
    this.#statement = prepared;
    this.#beforeRead = beforeRead;
  }

  /** The first row. */
  get(...parameters: P): R | undefined {
    try {
      this.#beforeRead();
      return this.#open().get(...parameters) as R | undefined;
    } catch (error) {
      throw sqliteFault(error);
    }
  }

  all(...parameters: P): readonly R[] {
    try {
      this.#beforeRead();
      return this.#open().all(...parameters) as R[];
    } catch (error) {
      throw sqliteFault(error);
    }
  }

  /** How many rows it inserted, updated or deleted. */
  run(...parameters: P): number {
    try {
      return this.#open().run(...parameters).changes;
    } catch (error) {
      throw sqliteFault(error);
    }
  }

  /** Lets go of the prepared statement: a database with living statements does not close. */
  release(): void {
    this.#statement = undefined;
  }

  #open(): StatementSyncInstance {
    if (this.#statement === undefined) throw new Error('the metadata database is closed');
    return this.#statement;
  }
}

import type { DatabaseSyncInstance } from '@photostructure/sqlite';

/** Reads in one turn of the event loop from which on it is worth while to share. */
const WORTH = 4;

/**
 * Lets the reads of one turn of the event loop share a snapshot, when they are many: to begin and end a read costs
 * SQLite several times what the read itself does. A turn's requests had all arrived before its first read, so nobody is
 * answered with what was true before he asked; it ends with the turn, and before every write.
 */
export class SharedSnapshot {
  readonly #connection: DatabaseSyncInstance;
  #open = false;
  #reads = 0;
  #readsBefore = 0;

  constructor(connection: DatabaseSyncInstance) {
    this.#connection = connection;
  }

  /** Before a read that belongs to no transaction. */
  beforeRead(): void {
    this.#reads += 1;
    if (this.#reads === 1) setImmediate(() => this.#endTurn());
    if (this.#open || this.#readsBefore < WORTH) return;
    this.#connection.exec('BEGIN');
    this.#open = true;
  }

  /** Whoever reads afterwards sees what is committed then. */
  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#connection.exec('COMMIT');
  }

  #endTurn(): void {
    this.#readsBefore = this.#reads;
    this.#reads = 0;
    this.end();
  }
}

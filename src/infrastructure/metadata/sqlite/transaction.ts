import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { MetadataUnavailable } from '../../../application/ports/metadata/metadata-unavailable.js';
import { isBusy, sqliteFault } from './sqlite-fault.js';
import { TransactionCounts } from './transaction-counts.js';

/** How long (ms) a request waits for the write lock. */
const PATIENCE = 5_000;
const QUICK_ATTEMPTS = 3;

/** Raw errors of BEGIN, COMMIT and ROLLBACK, before they become refusals. */
type FaultObserver = (error: unknown) => void;

/**
 * Runs synchronous functions between BEGIN IMMEDIATE and COMMIT. The event loop never waits for a lock: a busy
 * database is tried again, at first by the next turn of the loop, then every millisecond.
 */
export class TransactionRunner {
  readonly counts = new TransactionCounts();
  readonly #connection: DatabaseSyncInstance;
  readonly #beforeBegin: () => void;
  readonly #patience: number;
  readonly #observe: FaultObserver;

  /** @param beforeBegin ends whatever read is open */
  constructor(
    connection: DatabaseSyncInstance,
    beforeBegin: () => void,
    observe: FaultObserver,
    patience = PATIENCE,
  ) {
    this.#connection = connection;
    this.#beforeBegin = beforeBegin;
    this.#observe = observe;
    this.#patience = patience;
  }

  /**
   * @returns what `work` returns, once it is committed: it then survives `kill -9`, not yet a power loss
   * @throws what `work` throws, after a rollback
   * @throws MetadataUnavailable when the lock is not to be had within 5 s, or the disk is full or fails
   */
  async run<T>(work: () => T): Promise<T> {
    const deadline = performance.now() + this.#patience;
    for (let attempt = 1; !this.#begin(); attempt += 1) {
      if (attempt === 1) this.counts.waited += 1;
      if (performance.now() >= deadline) {
        throw new MetadataUnavailable('another process holds the metadata database locked', 1);
      }
      await (attempt <= QUICK_ATTEMPTS ? setImmediate() : setTimeout(1));
    }
    return this.#finish(work);
  }

  /** From here to the end nothing is awaited, so no other transaction of this connection comes between. */
  #finish<T>(work: () => T): T {
    const beganAt = performance.now();
    try {
      const result = work();
      this.#connection.exec('COMMIT');
      this.counts.committed += 1;
      return result;
    } catch (error) {
      this.counts.rolledBack += 1;
      this.#observe(error);
      // A full disk has rolled back already.
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
      throw sqliteFault(error);
    } finally {
      this.counts.seconds.observe(0, (performance.now() - beganAt) / 1000);
    }
  }

  #begin(): boolean {
    try {
      this.#beforeBegin();
      this.#connection.exec('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      this.#observe(error);
      throw sqliteFault(error);
    }
  }
}

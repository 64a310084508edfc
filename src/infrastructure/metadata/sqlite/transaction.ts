import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { MetadataUnavailable } from '../../../application/ports/metadata/metadata-unavailable.js';
import { isBusy, sqliteFault } from './sqlite-fault.js';
import { TransactionCounts } from './transaction-counts.js';

/** How long (ms) a request waits for the write lock. */
const PATIENCE = 5_000;
const QUICK_ATTEMPTS = 3;
/** Turns of the event loop that a transaction waits for others, some 50 µs where nothing else is to be done. */
const TURNS = 6;

/** Raw errors of BEGIN, COMMIT and ROLLBACK, before they become refusals. */
type FaultObserver = (error: unknown) => void;

/** A transaction that somebody waits for. */
interface Transaction {
  readonly work: () => unknown;
  /** By `performance.now()`. */
  readonly deadline: number;
  readonly settle: (result: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Runs synchronous functions between BEGIN IMMEDIATE and COMMIT. Those that come up in a few turns of the event loop
 * share a commit: most pages that they write are the same ones, and a commit writes each once; what follows it, a sync
 * and a trip to the storage, is shared as well, and whoever was answered together comes back together. What one of them
 * does is taken back alone when it throws. The event loop never waits for a lock: a busy database is tried again, at
 * first by the next turn of the loop, then every millisecond.
 */
export class TransactionRunner {
  readonly counts = new TransactionCounts();
  readonly #connection: DatabaseSyncInstance;
  readonly #beforeBegin: () => void;
  readonly #patience: number;
  readonly #observe: FaultObserver;
  #waiting: Transaction[] = [];

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
  run<T>(work: () => T): Promise<T> {
    const deadline = performance.now() + this.#patience;
    return new Promise<unknown>((settle, fail) => {
      const isFirst = this.#waiting.push({ work, deadline, settle, fail }) === 1;
      if (isFirst) this.#gather(TURNS);
    }) as Promise<T>;
  }

  #gather(turns: number): void {
    setImmediate(() => (turns > 1 ? this.#gather(turns - 1) : this.#runWaiting()));
  }

  #runWaiting(attempt = 1): void {
    try {
      if (!this.#begin()) {
        void this.#tryAgain(attempt);
        return;
      }
    } catch (error) {
      for (const { fail } of this.#waiting.splice(0)) fail(error);
      return;
    }
    if (attempt > 1) this.counts.waited += this.#waiting.length;
    this.#commit(this.#waiting.splice(0));
  }

  async #tryAgain(attempt: number): Promise<void> {
    const now = performance.now();
    const late = this.#waiting.filter(({ deadline }) => now >= deadline);
    this.#waiting = this.#waiting.filter(({ deadline }) => now < deadline);
    this.counts.waited += late.length;
    for (const { fail } of late) {
      fail(new MetadataUnavailable('another process holds the metadata database locked', 1));
    }
    if (this.#waiting.length === 0) return;
    await (attempt <= QUICK_ATTEMPTS ? nextTurn() : delay(1));
    this.#runWaiting(attempt + 1);
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

  /** Nobody hears anything before the commit, not even a refusal: it may stand on what another one has written. */
  #commit(transactions: readonly Transaction[]): void {
    const beganAt = performance.now();
    try {
      const outcomes = transactions.map((transaction) =>
        transactions.length === 1 ? this.#work(transaction) : this.#workApart(transaction),
      );
      this.#connection.exec('COMMIT');
      for (const outcome of outcomes) outcome();
    } catch (error) {
      this.counts.rolledBack += transactions.length;
      this.#observe(error);
      // A full disk has rolled back already.
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
      for (const { fail } of transactions) fail(sqliteFault(error));
    } finally {
      this.counts.seconds.observe(0, (performance.now() - beganAt) / 1000);
    }
  }

  /** What is to be told once it is committed. */
  #work({ work, settle }: Transaction): () => void {
    const result = work();
    return () => {
      this.counts.committed += 1;
      settle(result);
    };
  }

  /** The same, but what throws is taken back without the others. */
  #workApart(transaction: Transaction): () => void {
    this.#connection.exec('SAVEPOINT one');
    try {
      return this.#work(transaction);
    } catch (error) {
      // A fault of the disk may have taken all of them back.
      if (!this.#connection.isTransaction) throw error;
      this.#observe(error);
      this.#connection.exec('ROLLBACK TO one');
      return () => {
        this.counts.rolledBack += 1;
        transaction.fail(sqliteFault(error));
      };
    } finally {
      if (this.#connection.isTransaction) this.#connection.exec('RELEASE one');
    }
  }
}

import type { Registry } from 'prom-client';
import type { SyncCounts } from '../metadata/sqlite/sync-counts.js';
import type { TransactionCounts } from '../metadata/sqlite/transaction-counts.js';
import type { MetricsSource } from './prometheus-metrics.js';
import { registerScrapedHistogram } from './scraped-histogram.js';
import { registerScrapedNumber } from './scraped-number.js';

/** What the metadata database does: its transactions and the syncs that make them durable. */
export class DatabaseMetrics implements MetricsSource {
  readonly #transactions: TransactionCounts;
  readonly #syncs: SyncCounts;

  constructor(transactions: TransactionCounts, syncs: SyncCounts) {
    this.#transactions = transactions;
    this.#syncs = syncs;
  }

  register(registry: Registry): void {
    this.#registerTransactions(registry);
    this.#registerSyncs(registry);
  }

  #registerTransactions(registry: Registry): void {
    const counts = this.#transactions;
    registerScrapedNumber(registry, {
      name: 'stowage_database_transactions_total',
      help: 'Transactions of the metadata database that write, by what became of them.',
      type: 'counter',
      read: () => [
        { labels: { outcome: 'committed' }, value: counts.committed },
        { labels: { outcome: 'rolled_back' }, value: counts.rolledBack },
      ],
    });
    registerScrapedNumber(registry, {
      name: 'stowage_database_lock_waits_total',
      help: 'Transactions that had to wait for another writer of the metadata database.',
      type: 'counter',
      read: () => counts.waited,
    });
    registerScrapedHistogram(registry, {
      name: 'stowage_database_transaction_seconds',
      help: 'Seconds from a begin to its commit, which transactions share: nothing else of the process runs meanwhile.',
      counts: counts.seconds,
      rows: [{}],
    });
  }

  #registerSyncs(registry: Registry): void {
    const counts = this.#syncs;
    registerScrapedHistogram(registry, {
      name: 'stowage_durability_sync_seconds',
      help: 'Seconds that a sync of the write-ahead log took. Requests that wait at the same time share one.',
      counts: counts.seconds,
      rows: [{}],
    });
    registerScrapedNumber(registry, {
      name: 'stowage_durability_waits_total',
      help: 'Writes that waited until they were durable.',
      type: 'counter',
      read: () => counts.waits,
    });
    registerScrapedNumber(registry, {
      name: 'stowage_durability_waiters',
      help: 'Writes that wait until they are durable.',
      type: 'gauge',
      read: () => counts.waiting,
    });
  }
}

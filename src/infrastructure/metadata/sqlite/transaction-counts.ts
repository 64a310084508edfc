import { BucketCounts } from '../../observability/bucket-counts.js';

const SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

/** What has become of the transactions of a connection, in plain numbers. */
export class TransactionCounts {
  committed = 0;
  rolledBack = 0;
  /** Those that had to wait for another writer. */
  waited = 0;
  /** From BEGIN to COMMIT or ROLLBACK, which transactions share: nothing else runs meanwhile. */
  readonly seconds = new BucketCounts(SECONDS, 1);
}

import { BucketCounts } from '../../observability/bucket-counts.js';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** What a durability barrier has done, in plain numbers. */
export class SyncCounts {
  /** Who has ever waited; by the number of syncs, how many share one. */
  waits = 0;
  /** Who waits now. */
  waiting = 0;
  /** Of each sync. */
  readonly seconds = new BucketCounts(SECONDS, 1);
}

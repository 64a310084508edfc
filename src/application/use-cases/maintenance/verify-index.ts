import type { ComparisonProgress, IndexComparison } from '../../services/index-comparison.js';
import type { IndexDifference } from '../../services/index-difference.js';

/** Says what tree and database do not say alike, and changes nothing. */
export class VerifyIndex {
  readonly #comparison: IndexComparison;

  constructor(comparison: IndexComparison) {
    this.#comparison = comparison;
  }

  /** Rejects with the signal's reason when it is aborted. `progress` is counted up meanwhile. */
  execute(progress: ComparisonProgress, signal: AbortSignal): AsyncIterable<IndexDifference> {
    return this.#comparison.differences(progress, signal);
  }
}

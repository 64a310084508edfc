import type { ReadOnlyMode } from './read-only-mode.js';
import type { TreeComparison } from './tree-comparison.js';

/**
 * Whether this process may remove anything now. Nothing goes before the tree was compared with the database: another
 * program may have given names to what nothing names here.
 */
export class CollectionPermit {
  readonly #comparison: Pick<TreeComparison, 'ended'>;
  readonly #mode: ReadOnlyMode;
  #suspended: string | undefined;

  constructor(comparison: Pick<TreeComparison, 'ended'>, mode: ReadOnlyMode) {
    this.#comparison = comparison;
    this.#mode = mode;
  }

  /** A sentence without its full stop; undefined while nothing stands against it. */
  get refusal(): string | undefined {
    if (this.#suspended !== undefined) return this.#suspended;
    if (this.#mode.reason !== undefined) return this.#mode.reason;
    return this.#comparison.ended ? undefined : 'the folder is still being compared with the database';
  }

  /** Until this process ends. The first reason stands. */
  suspend(reason: string): void {
    this.#suspended ??= reason;
  }
}

import type { Instances } from '../ports/system/instances.js';
import type { ReadOnlyMode } from './read-only-mode.js';
import type { TreeComparison } from './tree-comparison.js';

/**
 * Whether this process may remove anything now. Nothing goes before the tree was compared with the database: another
 * program may have given names to what nothing names here.
 */
export class CollectionPermit {
  readonly #comparison: Pick<TreeComparison, 'ended'>;
  readonly #mode: ReadOnlyMode;
  readonly #instances: Pick<Instances, 'othersTakeIn'>;
  #suspended: string | undefined;

  constructor(
    comparison: Pick<TreeComparison, 'ended'>,
    mode: ReadOnlyMode,
    instances: Pick<Instances, 'othersTakeIn'>,
  ) {
    this.#comparison = comparison;
    this.#mode = mode;
    this.#instances = instances;
  }

  /** A sentence without its full stop; undefined while nothing stands against it. */
  get refusal(): string | undefined {
    if (this.#suspended !== undefined) return this.#suspended;
    if (this.#mode.reason !== undefined) return this.#mode.reason;
    if (!this.#comparison.ended) return 'the folder is still being compared with the database';
    return this.#instances.othersTakeIn() ? 'another process is taking in what the folder has' : undefined;
  }

  /** Until this process ends. The first reason stands. */
  suspend(reason: string): void {
    this.#suspended ??= reason;
  }
}

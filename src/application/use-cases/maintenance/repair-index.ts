import type { ComparisonProgress, IndexComparison } from '../../services/index-comparison.js';
import type { NameRepair } from '../../services/name-repair.js';
import {
  repairDifferences,
  type RepairedDifference,
  type RepairRequest,
} from '../../services/repair-differences.js';
import type { RepairTarget } from '../../services/repair-plan.js';
import type { TreeOwnership } from '../../services/tree-ownership.js';

/** Makes one side say what the other says. Only names are changed: no bytes of a blob are written or removed. */
export class RepairIndex {
  readonly #comparison: IndexComparison;
  readonly #sides: Readonly<Record<RepairTarget, NameRepair>>;
  readonly #ownership: TreeOwnership;

  constructor(
    comparison: IndexComparison,
    sides: Readonly<Record<RepairTarget, NameRepair>>,
    ownership: TreeOwnership,
  ) {
    this.#comparison = comparison;
    this.#sides = sides;
    this.#ownership = ownership;
  }

  /** Rejects with the signal's reason when it is aborted: what was done until then stands. */
  async *execute(
    request: RepairRequest,
    progress: ComparisonProgress,
    signal: AbortSignal,
  ): AsyncGenerator<RepairedDifference> {
    const side = this.#sides[request.target];
    try {
      const differences = this.#comparison.differences(progress, signal);
      yield* repairDifferences(differences, side, request, signal);
    } finally {
      await side.flush();
    }
    // From here on the database has all that can be had of the tree, wherever it came from.
    if (request.target === 'database') await this.#ownership.claim();
  }
}

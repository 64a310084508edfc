import type { ComparisonProgress, IndexComparison } from '../../services/index-comparison.js';
import type { IndexDifference, NamedDifference } from '../../services/index-difference.js';
import type { NameRepair } from '../../services/name-repair.js';
import { planRepair, type RepairStep, type RepairTarget } from '../../services/repair-plan.js';

/** Refused deletes that are tried once more at the end: what held them may have gone meanwhile. */
const MOST_RETRIES = 10_000;

export interface RepairRequest {
  /** The side that is changed. */
  readonly target: RepairTarget;
  /** Whether names go that the other side has not. */
  readonly deletes: boolean;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
}

/** A difference, and what was done about it. */
export interface RepairedDifference {
  readonly difference: IndexDifference;
  readonly step: RepairStep;
}

/** Makes one side say what the other says. Only names are changed: no bytes of a blob are written or removed. */
export class RepairIndex {
  readonly #comparison: IndexComparison;
  readonly #sides: Readonly<Record<RepairTarget, NameRepair>>;

  constructor(comparison: IndexComparison, sides: Readonly<Record<RepairTarget, NameRepair>>) {
    this.#comparison = comparison;
    this.#sides = sides;
  }

  /** Rejects with the signal's reason when it is aborted: what was done until then stands. */
  async *execute(
    request: RepairRequest,
    progress: ComparisonProgress,
    signal: AbortSignal,
  ): AsyncGenerator<RepairedDifference> {
    const side = this.#sides[request.target];
    const refused: NamedDifference[] = [];
    try {
      for await (const difference of this.#comparison.differences(progress, signal)) {
        const step = planRepair(difference, request.target, request.deletes);
        if (difference.kind === 'damaged' || step.action === 'leave' || request.dryRun) {
          yield { difference, step };
          continue;
        }
        const reason = await apply(side, difference, step);
        const again = reason !== undefined && step.action === 'delete' && refused.length < MOST_RETRIES;
        if (again) refused.push(difference);
        else yield { difference, step: reason === undefined ? step : { action: 'leave', reason } };
      }
      for (const difference of refused.toReversed()) {
        signal.throwIfAborted();
        const reason = await side.remove(difference);
        yield { difference, step: reason === undefined ? { action: 'delete' } : { action: 'leave', reason } };
      }
    } finally {
      await side.flush();
    }
  }
}

function apply(side: NameRepair, difference: NamedDifference, step: RepairStep): Promise<string | undefined> {
  return step.action === 'delete' ? side.remove(difference) : side.settle(difference);
}

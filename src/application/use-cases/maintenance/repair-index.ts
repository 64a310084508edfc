import type { ComparisonProgress, IndexComparison } from '../../services/index-comparison.js';
import type { IndexDifference, NamedDifference } from '../../services/index-difference.js';
import type { NameRepair } from '../../services/name-repair.js';
import { planRepair, type RepairStep, type RepairTarget } from '../../services/repair-plan.js';
import type { TreeOwnership } from '../../services/tree-ownership.js';

/** Refused deletes that are tried again at the end, when what held them may have gone. */
const MOST_RETRIES = 10_000;

export interface RepairRequest {
  /** The side that is changed. */
  readonly target: RepairTarget;
  /** Whether names go that the other side has not. */
  readonly deletes: boolean;
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
    { target, deletes }: RepairRequest,
    progress: ComparisonProgress,
    signal: AbortSignal,
  ): AsyncGenerator<RepairedDifference> {
    const side = this.#sides[target];
    const refused: NamedDifference[] = [];
    try {
      for await (const difference of this.#comparison.differences(progress, signal)) {
        const step = planRepair(difference, target, deletes);
        const reason = await apply(side, difference, step);
        const held = reason !== undefined && step.action === 'delete' && difference.kind !== 'damaged';
        if (held && refused.length < MOST_RETRIES) refused.push(difference);
        else yield { difference, step: asDone(step, reason) };
      }
      yield* removeAgain(side, refused, signal);
    } finally {
      await side.flush();
    }
    // From here on the database has all that can be had of the tree, wherever it came from.
    if (target === 'database') await this.#ownership.claim();
  }
}

/** As long as one that goes lets others go. */
async function* removeAgain(
  side: NameRepair,
  refused: readonly NamedDifference[],
  signal: AbortSignal,
): AsyncGenerator<RepairedDifference> {
  for (let held = refused; held.length > 0;) {
    const left: { readonly difference: NamedDifference; readonly step: RepairStep }[] = [];
    for (const difference of held) {
      signal.throwIfAborted();
      const step = asDone({ action: 'delete' }, await side.remove(difference));
      if (step.action === 'leave') left.push({ difference, step });
      else yield { difference, step };
    }
    if (left.length === held.length) {
      yield* left;
      return;
    }
    held = left.map(({ difference }) => difference);
  }
}

/** @returns why it could not be done */
async function apply(
  side: NameRepair,
  difference: IndexDifference,
  { action }: RepairStep,
): Promise<string | undefined> {
  if (difference.kind === 'damaged' || action === 'leave') return undefined;
  return action === 'delete' ? side.remove(difference) : side.settle(difference);
}

function asDone(step: RepairStep, reason: string | undefined): RepairStep {
  return reason === undefined ? step : { action: 'leave', reason };
}

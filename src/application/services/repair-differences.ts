import type { IndexDifference, NamedDifference } from './index-difference.js';
import type { NameRepair } from './name-repair.js';
import { planRepair, type RepairStep, type RepairTarget } from './repair-plan.js';

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

/** Does about each difference what is planned for it. Rejects with the signal's reason: what was done until then stands. */
export async function* repairDifferences(
  differences: AsyncIterable<IndexDifference>,
  side: NameRepair,
  { target, deletes }: RepairRequest,
  signal: AbortSignal,
): AsyncGenerator<RepairedDifference> {
  const refused: NamedDifference[] = [];
  for await (const difference of differences) {
    const step = planRepair(difference, target, deletes);
    const reason = await apply(side, difference, step);
    const held = reason !== undefined && step.action === 'delete' && difference.kind !== 'damaged';
    if (held && refused.length < MOST_RETRIES) refused.push(difference);
    else yield { difference, step: asDone(step, reason) };
  }
  yield* removeAgain(side, refused, signal);
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

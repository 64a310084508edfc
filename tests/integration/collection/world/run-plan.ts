import type { ModelRules } from './collection-model.js';
import { SeededChoices } from './seeded-choices.js';

/** Under which circumstances a random run takes place. */
export interface RunPlan {
  readonly seed: number;
  readonly rules: ModelRules;
  readonly processes: number;
  readonly untagged: boolean;
  readonly kills: boolean;
  /** The storage refuses removals now and then, or does not answer. */
  readonly faults: boolean;
  /** Of a subject that goes, looked at in one transaction. */
  readonly referrersAtOnce: number;
}

/** The circumstances that belong to a seed. */
export function planOf(seed: number): RunPlan {
  const choices = new SeededChoices(seed ^ 0x5eed);
  const grace = choices.pick([0, 50, 3_000, 60_000, 600_000]);
  const rules = { grace, shortened: choices.once(4), sparse: choices.once(5) };
  const others = {
    processes: 1 + choices.int(3),
    untagged: choices.once(2),
    kills: !choices.once(3),
    faults: choices.once(2),
  };
  const waiting = choices.once(2);
  return { seed, rules: { ...rules, waiting }, ...others, referrersAtOnce: choices.pick([1, 2, 500]) };
}

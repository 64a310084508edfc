import { machineSeconds, ownSeconds } from '../registries/process-figures.js';

/** How much of the machine something else used while the figures were taken. */
export class Disturbance {
  readonly #before = machineSeconds();

  /** Part of all processors, 0 to 1. Asked for when every registry has ended: only then are their seconds known. */
  share(): number {
    const now = machineSeconds();
    const others = now.busy - this.#before.busy - ownSeconds();
    return Math.max(0, others / (now.all - this.#before.all));
  }
}

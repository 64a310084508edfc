import type { Clock } from '../ports/system/clock.js';

/** Lets through what would otherwise be said all the time. */
export class Seldom {
  readonly #clock: Clock;
  readonly #interval: number;
  #next = 0;

  /** @param interval milliseconds from one to the next */
  constructor(clock: Clock, interval: number) {
    this.#clock = clock;
    this.#interval = interval;
  }

  /** Whether it may be said now. */
  pass(): boolean {
    const now = this.#clock.now();
    if (now < this.#next) return false;
    this.#next = now + this.#interval;
    return true;
  }
}

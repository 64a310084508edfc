import type { Clock } from '../../application/ports/system/clock.js';

/** A look at something outside that many may ask for: one at once, and none too soon after the last. */
export class PacedLook {
  readonly #look: () => Promise<void>;
  readonly #clock: Pick<Clock, 'now'>;
  #lookedAt: number | undefined;
  #running: Promise<void> | undefined;

  /**
   * @param look where nobody waits for it, it must not fail
   * @param lookedAt Unix time (ms) of a look that somebody else has had
   */
  constructor(look: () => Promise<void>, clock: Pick<Clock, 'now'>, lookedAt?: number) {
    this.#look = look;
    this.#clock = clock;
    this.#lookedAt = lookedAt;
  }

  /**
   * The look that runs, or a new one when the last began `pace` ms ago or before.
   * @returns undefined when it is too soon
   */
  unlessWithin(pace: number): Promise<void> | undefined {
    if (this.#running !== undefined) return this.#running;
    const now = this.#clock.now();
    // A clock that was set back must not keep it waiting.
    if (this.#lookedAt !== undefined && Math.abs(now - this.#lookedAt) < pace) return undefined;
    this.#lookedAt = now;
    this.#running = this.#look().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }
}

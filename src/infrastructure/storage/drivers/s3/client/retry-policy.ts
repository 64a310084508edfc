import { setTimeout as sleep } from 'node:timers/promises';
import { isThrottled, mayPass, ConnectionFailed } from './store-errors.js';

const CAPACITY = 500;
const COST = 5;
const PER_SECOND = 5;

/**
 * How many repetitions the process still may send: what succeeds pays some back, and so does time. In an outage the
 * store then gets little more requests than clients send, instead of a multiple.
 */
export class RetryBudget {
  readonly #now: () => number;
  #left = CAPACITY;
  #countedAt: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#countedAt = now();
  }

  /** False: there is nothing left. */
  take(): boolean {
    const now = this.#now();
    this.#add(((now - this.#countedAt) / 1000) * PER_SECOND);
    this.#countedAt = now;
    if (this.#left < COST) return false;
    this.#left -= COST;
    return true;
  }

  succeeded(afterRepetition: boolean): void {
    this.#add(afterRepetition ? COST : 1);
  }

  #add(tokens: number): void {
    this.#left = Math.min(CAPACITY, this.#left + tokens);
  }
}

/** One for all clients of the process. */
export const processBudget = new RetryBudget();

export interface RetryLimits {
  readonly attempts: number;
  /** ms, like all of them. */
  readonly patience: number;
  readonly firstPause: number;
  readonly longestPause: number;
}

/** A store that asks for fewer requests gets longer pauses. */
const THROTTLED_FACTOR = 5;

/** Repeats what may pass: pauses anywhere between nothing and a bound that doubles, so that callers do not come together. */
export class RetryPolicy {
  readonly #limits: RetryLimits;
  readonly #budget: RetryBudget;
  readonly #pause: (milliseconds: number) => Promise<unknown>;

  constructor(
    limits: RetryLimits,
    budget: RetryBudget = processBudget,
    pause: (milliseconds: number) => Promise<unknown> = sleep,
  ) {
    this.#limits = limits;
    this.#budget = budget;
    this.#pause = pause;
  }

  /**
   * Rejects with the error of the last attempt.
   * @param attempt is given its number, from 1, and whether it should avoid kept connections
   */
  async run<T>(attempt: (number: number, onOwnConnection: boolean) => Promise<T>): Promise<T> {
    const begunAt = performance.now();
    let isStale = false;
    for (let number = 1; ; number += 1) {
      try {
        const result = await attempt(number, isStale);
        this.#budget.succeeded(number > 1);
        return result;
      } catch (error) {
        if (!this.#mayRepeat(error, number, begunAt, isStale)) throw error;
        isStale = error instanceof ConnectionFailed && error.fault === 'stale';
        if (!isStale) await this.#pause(Math.random() * this.#longest(error, number));
      }
    }
  }

  /** A connection that the store had closed before is nobody's fault: the repetition on a new one costs nothing. */
  #mayRepeat(error: unknown, number: number, begunAt: number, wasStale: boolean): boolean {
    if (!mayPass(error)) return false;
    if (!wasStale && error instanceof ConnectionFailed && error.fault === 'stale') return true;
    if (number >= this.#limits.attempts || performance.now() - begunAt >= this.#limits.patience) return false;
    return this.#budget.take();
  }

  #longest(error: unknown, number: number): number {
    const bound = this.#limits.firstPause * 2 ** (number - 1) * (isThrottled(error) ? THROTTLED_FACTOR : 1);
    return Math.min(bound, this.#limits.longestPause);
  }
}

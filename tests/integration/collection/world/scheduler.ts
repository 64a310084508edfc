import type { Clock } from '../../../../src/application/ports/system/clock.js';

/** A process as the scheduler knows it: once it is dead, none of its calls goes on. */
export interface Life {
  readonly name: string;
  alive: boolean;
}

/** A call that waits for its turn. */
export interface Parked {
  readonly life: Life;
  readonly label: string;
  /** It does not go on before this moment. */
  wakeAt: number;
  readonly resume: () => void;
}

interface Task {
  readonly life: Life;
  readonly every: number;
  due: number;
  readonly run: () => void;
}

const BEGIN = 1_800_000_000_000;

/**
 * Lets one call of one process run at a time, on a clock that stands still meanwhile. Whoever calls a port waits here
 * first, so between any two calls of one process any other may run, time may pass, and the process may be killed.
 */
export class Scheduler {
  readonly #parked = new Set<Parked>();
  readonly #tasks = new Set<Task>();
  #now = BEGIN;
  #running = 0;
  /** Calls that were let go on. */
  steps = 0;

  now(): number {
    return this.#now;
  }

  /** Those that may go on now. */
  ready(): readonly Parked[] {
    return [...this.#parked].filter(({ wakeAt }) => wakeAt <= this.#now);
  }

  all(): readonly Parked[] {
    return [...this.#parked];
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const task of this.#tasks) {
      if (task.due > this.#now) continue;
      task.due = this.#now + task.every;
      task.run();
    }
  }

  /** Resolves when it is the caller's turn; never, when the process is dead by then. */
  point(life: Life, label: string, wakeAt = this.#now): Promise<void> {
    return new Promise((resolve) => {
      if (!life.alive) return;
      const parked: Parked = { life, label, wakeAt, resume: resolve };
      this.#parked.add(parked);
    });
  }

  /** Counts a call as running until it ends: nobody else goes on before. */
  async running<T>(call: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await call();
    } finally {
      this.#running -= 1;
    }
  }

  /** Lets one go on, until everything waits again. */
  async resume(parked: Parked): Promise<void> {
    this.#parked.delete(parked);
    this.steps += 1;
    parked.resume();
    await this.settle();
  }

  async settle(): Promise<void> {
    do {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    } while (this.#running > 0);
  }

  /** `kill -9`: what it has begun stays as it is. */
  kill(life: Life): void {
    life.alive = false;
    for (const parked of this.#parked) if (parked.life === life) this.#parked.delete(parked);
    for (const task of this.#tasks) if (task.life === life) this.#tasks.delete(task);
  }

  clockOf(life: Life): Clock {
    return {
      now: () => this.#now,
      sleep: (ms) => this.point(life, `sleep ${ms}`, this.#now + ms),
      every: (every, run) => {
        const task: Task = { life, every, due: this.#now + every, run };
        this.#tasks.add(task);
        return () => this.#tasks.delete(task);
      },
    };
  }
}

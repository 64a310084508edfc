import type { Clock } from '../../application/ports/system/clock.js';
import type { Logger } from '../../application/ports/system/logger.js';

/** Something that runs by itself, again and again. */
export interface Job {
  readonly name: string;
  /** Milliseconds between two begins; a run that takes longer makes the next one wait. */
  readonly every: number;
  /** Whether it runs at the start as well. */
  readonly atStart: boolean;
  run(): Promise<unknown>;
}

/** Drives use cases by the clock, as HTTP drives them by requests. A job that fails is logged and tried again in time. */
export class Jobs {
  readonly #jobs: readonly Job[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #running = new Map<Job, Promise<void>>();
  #cancel: (() => void)[] = [];

  constructor(jobs: readonly Job[], clock: Clock, logger: Logger) {
    this.#jobs = jobs;
    this.#clock = clock;
    this.#logger = logger;
  }

  start(): void {
    for (const job of this.#jobs) {
      if (job.atStart) this.#begin(job);
      this.#cancel.push(this.#clock.every(job.every, () => this.#begin(job)));
    }
  }

  /** Begins no more, and waits for what runs. */
  async stop(): Promise<void> {
    for (const cancel of this.#cancel.splice(0)) cancel();
    await Promise.all(this.#running.values());
  }

  #begin(job: Job): void {
    if (this.#running.has(job)) return;
    this.#running.set(
      job,
      this.#run(job).finally(() => this.#running.delete(job)),
    );
  }

  async #run(job: Job): Promise<void> {
    try {
      await job.run();
    } catch (error) {
      this.#logger.error('job failed', { job: job.name, error });
    }
  }
}

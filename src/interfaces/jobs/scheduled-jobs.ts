import type { Clock } from '../../application/ports/system/clock.js';
import type { Logger } from '../../application/ports/system/logger.js';

/** What runs again and again while the registry runs. */
export interface Job {
  readonly name: string;
  /** Milliseconds from one start to the next; the first comes after one of them. */
  readonly interval: number;
  /**
   * True: it starts even if the run before has not ended, and a stop does not wait for it. False: a start that comes
   * too early is left out, and a stop waits for the run to end.
   */
  readonly overlapping: boolean;
  run(): Promise<unknown>;
}

/** Runs jobs by the clock. A run that fails is logged, and the next comes at its time. */
export class ScheduledJobs {
  readonly #jobs: readonly Job[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #running = new Map<Job, Promise<void>>();
  #cancels: (() => void)[] = [];

  constructor(jobs: readonly Job[], clock: Clock, logger: Logger) {
    this.#jobs = jobs;
    this.#clock = clock;
    this.#logger = logger;
  }

  start(): void {
    this.#cancels = this.#jobs.map((job) => this.#clock.every(job.interval, () => this.#due(job)));
  }

  /** No run starts any more; resolves when those that do not overlap have ended. */
  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
    await Promise.all(this.#running.values());
  }

  #due(job: Job): void {
    if (job.overlapping) {
      void this.#run(job);
    } else if (!this.#running.has(job)) {
      this.#running.set(
        job,
        this.#run(job).finally(() => this.#running.delete(job)),
      );
    }
  }

  async #run(job: Job): Promise<void> {
    try {
      await job.run();
    } catch (error) {
      this.#logger.error('job failed', { job: job.name, error });
    }
  }
}

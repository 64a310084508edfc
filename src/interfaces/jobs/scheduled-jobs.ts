import type { Clock } from '../../application/ports/system/clock.js';
import type { Logger } from '../../application/ports/system/logger.js';

/** What runs again and again while the registry runs. */
export interface Job {
  readonly name: string;
  /** Milliseconds from one start to the next. */
  readonly interval: number;
  /** Milliseconds until the first start; undefined for one interval. */
  readonly first?: number;
  /**
   * True: it starts even if the run before has not ended, and a stop does not wait for it. False: a start that comes
   * too early is left out, and a stop waits for the run to end.
   */
  readonly overlapping: boolean;
  /** @param stop aborted when the registry stops: a long run then ends early */
  run(stop: AbortSignal): Promise<unknown>;
}

/** Runs jobs by the clock. A run that fails is logged, and the next comes at its time. */
export class ScheduledJobs {
  readonly #jobs: readonly Job[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #running = new Map<Job, Promise<void>>();
  #cancels: (() => void)[] = [];
  #stop = new AbortController();

  constructor(jobs: readonly Job[], clock: Clock, logger: Logger) {
    this.#jobs = jobs;
    this.#clock = clock;
    this.#logger = logger;
  }

  start(): void {
    this.#stop = new AbortController();
    this.#cancels = this.#jobs.map((job) => this.#schedule(job));
  }

  /** No run starts any more; resolves when those that do not overlap have ended. */
  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  #schedule(job: Job): () => void {
    const due = (): void => this.#due(job);
    if (job.first === undefined) return this.#clock.every(job.interval, due);
    let cancel = this.#clock.every(job.first, () => {
      cancel();
      cancel = this.#clock.every(job.interval, due);
      due();
    });
    return () => cancel();
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
      await job.run(this.#stop.signal);
    } catch (error) {
      this.#logger.error('job failed', { job: job.name, error });
    }
  }
}

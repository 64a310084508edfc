import type { Clock } from '../../application/ports/system/clock.js';
import type { Logger } from '../../application/ports/system/logger.js';

/** What runs again and again while the registry runs. */
export interface Job {
  readonly name: string;
  /** Milliseconds from one start to the next; undefined: it does not run. */
  readonly interval: number | undefined;
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

/** A job that never runs beside itself. @param interval milliseconds from one start to the next */
export function alone(name: string, interval: number, run: Job['run']): Job {
  return { name, interval, overlapping: false, run };
}

interface Scheduled {
  readonly interval: number;
  readonly cancel: () => void;
}

/** Runs jobs by the clock. A run that fails is logged, and the next comes at its time. */
export class ScheduledJobs {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #running = new Map<Job, Promise<void>>();
  readonly #scheduled = new Map<Job, Scheduled>();
  #jobs: readonly Job[];
  #runs = false;
  #stop = new AbortController();

  constructor(jobs: readonly Job[], clock: Clock, logger: Logger) {
    this.#jobs = jobs;
    this.#clock = clock;
    this.#logger = logger;
  }

  start(): void {
    this.#stop = new AbortController();
    this.#runs = true;
    this.renew(this.#jobs);
  }

  /**
   * From now on these run. Those that were there already keep their times, unless their interval has changed; runs that
   * go on are brought to their end.
   */
  renew(jobs: readonly Job[]): void {
    this.#jobs = jobs;
    if (!this.#runs) return;
    for (const [job, { interval, cancel }] of this.#scheduled) {
      if (jobs.includes(job) && job.interval === interval) continue;
      cancel();
      this.#scheduled.delete(job);
    }
    for (const job of jobs) if (!this.#scheduled.has(job)) this.#schedule(job);
  }

  /** No run starts any more; resolves when those that do not overlap have ended. */
  async stop(): Promise<void> {
    this.#runs = false;
    for (const { cancel } of this.#scheduled.values()) cancel();
    this.#scheduled.clear();
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  #schedule(job: Job): void {
    const { first, interval } = job;
    if (interval === undefined) return;
    const due = (): void => this.#due(job);
    let cancel =
      first === undefined
        ? this.#clock.every(interval, due)
        : this.#clock.every(first, () => {
            cancel();
            cancel = this.#clock.every(interval, due);
            due();
          });
    this.#scheduled.set(job, { interval, cancel: () => cancel() });
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

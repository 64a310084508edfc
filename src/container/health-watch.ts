import { isDeepStrictEqual } from 'node:util';
import type { Apply, Reloadable } from '../application/ports/system/reloadable.js';
import { OverallHealth } from '../application/services/overall-health.js';
import type { CheckHealth } from '../application/use-cases/maintenance/check-health.js';
import type { Config } from '../infrastructure/config/config.js';
import type { Job } from '../interfaces/jobs/scheduled-jobs.js';

/** When something is looked at. */
export interface When {
  /** Milliseconds. */
  readonly interval: number;
  /** Whether a look that hangs is found out by the next one: nothing else ends it. */
  readonly overlapping: boolean;
}

/** A health check and its times. */
export interface WatchedHealth extends When {
  readonly check: CheckHealth;
}

/** The first look comes at once (ms): a registry that can not serve should not be believed to for a whole interval. */
const AT_ONCE = 1;

/** The health checks that the configuration asks for. */
export class HealthWatch implements Reloadable<Config> {
  readonly status: OverallHealth;
  readonly #make: (config: Config['health']) => readonly WatchedHealth[];
  #config: Config['health'];
  #watched: readonly WatchedHealth[];
  #jobs: readonly Job[];

  constructor(config: Config['health'], make: (config: Config['health']) => readonly WatchedHealth[]) {
    this.#make = make;
    this.#config = config;
    this.#watched = make(config);
    this.#jobs = this.#watched.map(jobOf);
    this.status = new OverallHealth(this.#checks());
  }

  get watched(): readonly WatchedHealth[] {
    return this.#watched;
  }

  /** Stay the same objects until `health` changes. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /** What was found out is forgotten only when anything below `health` has changed. */
  async prepare({ health }: Config): Promise<Apply> {
    const watched = isDeepStrictEqual(health, this.#config) ? undefined : this.#make(health);
    return () => {
      if (watched === undefined) return;
      this.#config = health;
      this.#watched = watched;
      this.#jobs = watched.map(jobOf);
      this.status.use(this.#checks());
    };
  }

  #checks(): CheckHealth[] {
    return this.#watched.map(({ check }) => check);
  }
}

function jobOf({ check, interval, overlapping }: WatchedHealth): Job {
  const run = (stop: AbortSignal): Promise<void> => check.execute(stop);
  return { name: 'check health', interval, first: AT_ONCE, overlapping, run };
}

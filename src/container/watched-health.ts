import type { CheckHealth } from '../application/use-cases/maintenance/check-health.js';

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

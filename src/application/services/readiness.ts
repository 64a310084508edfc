import type { HealthStatus } from '../ports/system/health-status.js';
import type { TreeComparison } from './tree-comparison.js';

/** What lets requests wait at the start. */
type Comparison = Pick<TreeComparison, 'ended'>;

/** Whether clients should be sent here: the whole folder is known, every check succeeds, and no stop has begun. */
export class Readiness {
  readonly #health: HealthStatus;
  readonly #comparison: Comparison;
  #phase: 'starting' | 'serving' | 'stopping' = 'starting';

  constructor(health: HealthStatus, comparison: Comparison) {
    this.#health = health;
    this.#comparison = comparison;
  }

  /** Requests are answered from now on. */
  serve(): void {
    this.#phase = 'serving';
  }

  /** Nothing new should come: what runs is brought to its end. */
  stop(): void {
    this.#phase = 'stopping';
  }

  /** Why no request should come, as sentences without their full stops; empty when it is ready. */
  reasons(): readonly string[] {
    if (this.#phase === 'stopping') return ['the registry stops'];
    if (this.#phase === 'starting') return ['the registry starts'];
    const reasons = Object.keys(this.#health.failing()).map((name) => `the health check ${name} fails`);
    if (!this.#comparison.ended) reasons.push('the storage is being compared with the database');
    return reasons;
  }
}

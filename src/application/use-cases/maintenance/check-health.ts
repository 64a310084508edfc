import type { Clock } from '../../ports/system/clock.js';
import type { HealthProbe } from '../../ports/system/health-probe.js';
import type { Logger } from '../../ports/system/logger.js';

/**
 * Looks whether one thing is well, and remembers the verdict. It is unhealthy after so many looks in a row have failed,
 * and healthy again after the first that succeeds; before the first look it is healthy. A look that is due while the one
 * before has not ended has failed.
 */
export class CheckHealth {
  readonly name: string;
  readonly #probe: HealthProbe;
  readonly #threshold: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #askedAt: number | undefined;
  #failures = 0;
  #failure: string | undefined;

  /** @param threshold failures in a row that make it unhealthy; 0 counts as 1 */
  constructor(probe: HealthProbe, threshold: number, clock: Clock, logger: Logger) {
    this.name = probe.name;
    this.#probe = probe;
    this.#threshold = threshold;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** What is wrong; undefined while it is healthy. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * One look. Resolves when it has ended; never rejects for its fault.
   * @param signal a look that it ends says nothing
   */
  async execute(signal: AbortSignal): Promise<void> {
    if (this.#askedAt !== undefined) {
      this.#fail(new Error(`it has not answered for ${this.#clock.now() - this.#askedAt} ms`));
      return;
    }
    this.#askedAt = this.#clock.now();
    try {
      await this.#probe.look(signal);
      this.#succeed();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      this.#askedAt = undefined;
    }
  }

  #succeed(): void {
    if (this.#failure !== undefined) this.#logger.info('health check succeeds again', { check: this.name });
    this.#failures = 0;
    this.#failure = undefined;
  }

  #fail(error: unknown): void {
    this.#failures += 1;
    if (this.#failures < this.#threshold) {
      this.#logger.warn('health check failed', { check: this.name, failures: this.#failures, error });
      return;
    }
    if (this.#failure === undefined) {
      const fields = { check: this.name, failures: this.#failures, error };
      this.#logger.error('registry is unhealthy: requests are refused', fields);
    }
    this.#failure = error instanceof Error ? error.message : String(error);
  }
}

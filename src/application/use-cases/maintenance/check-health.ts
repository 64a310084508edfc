import type { StorageDriver } from '../../ports/storage/storage-driver.js';
import type { Clock } from '../../ports/system/clock.js';
import type { HealthStatus } from '../../ports/system/health-status.js';
import type { Logger } from '../../ports/system/logger.js';

/**
 * Asks the storage whether it answers, and remembers the verdict. It is unhealthy after so many checks in a row have
 * failed, and healthy again after the first that succeeds; before the first check it is healthy. A check that is due
 * while the storage still owes the answer to the one before has failed.
 */
export class CheckHealth implements HealthStatus {
  readonly #storage: StorageDriver;
  readonly #threshold: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #name: string;
  #askedAt: number | undefined;
  #failures = 0;
  #failure: string | undefined;

  /** @param threshold failures in a row that make it unhealthy; 0 counts as 1 */
  constructor(storage: StorageDriver, threshold: number, clock: Clock, logger: Logger) {
    this.#storage = storage;
    this.#threshold = threshold;
    this.#clock = clock;
    this.#logger = logger;
    this.#name = `storagedriver_${storage.name}`;
  }

  get healthy(): boolean {
    return this.#failure === undefined;
  }

  failing(): Readonly<Record<string, string>> {
    return this.#failure === undefined ? {} : { [this.#name]: this.#failure };
  }

  /** One check. Resolves when the storage has answered; never rejects for its fault. */
  async execute(): Promise<void> {
    if (this.#askedAt !== undefined) {
      this.#fail(new Error(`the storage has not answered for ${this.#clock.now() - this.#askedAt} ms`));
      return;
    }
    this.#askedAt = this.#clock.now();
    try {
      await this.#storage.probe();
      this.#succeed();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#askedAt = undefined;
    }
  }

  #succeed(): void {
    if (this.#failure !== undefined) this.#logger.info('storage is healthy again', { check: this.#name });
    this.#failures = 0;
    this.#failure = undefined;
  }

  #fail(error: unknown): void {
    this.#failures += 1;
    if (this.#failures < this.#threshold) {
      this.#logger.warn('storage check failed', { check: this.#name, failures: this.#failures, error });
      return;
    }
    if (this.#failure === undefined) {
      this.#logger.error('storage is unhealthy', { check: this.#name, failures: this.#failures, error });
    }
    this.#failure = error instanceof Error ? error.message : String(error);
  }
}

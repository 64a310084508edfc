import type { Logger } from '../application/ports/system/logger.js';

type Stop = () => unknown;

/**
 * What has to be stopped, in the opposite order of its start. The container's own deactivation goes by the order of
 * bindings and would close the database before its users.
 */
export class Shutdown {
  readonly #logger: Logger;
  readonly #steps: { readonly name: string; readonly stop: Stop }[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(name: string, stop: Stop): void {
    this.#steps.push({ name, stop });
  }

  /** Stops everything, also what comes after a step that fails; then throws the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const { name, stop } of this.#steps.splice(0).toReversed()) {
      try {
        await stop();
      } catch (error) {
        this.#logger.error('could not be stopped in order', { part: name, error });
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

import type { Apply, Reloadable } from '../application/ports/system/reloadable.js';
import type { Config } from '../infrastructure/config/config.js';

/**
 * The configuration that is in force. Who uses a value that may change reads it here when he needs it; what is open, or
 * hangs on a key that needs a restart, was made from the configuration of the start.
 */
export class ConfigInForce implements Reloadable<Config> {
  #current: Config;

  constructor(started: Config) {
    this.#current = started;
  }

  get current(): Config {
    return this.#current;
  }

  async prepare(config: Config): Promise<Apply> {
    return () => {
      this.#current = config;
    };
  }
}

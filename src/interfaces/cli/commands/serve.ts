import type { ConfigurationRequest } from '../../../application/ports/system/configuration-reader.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import type { Terminal } from '../output/terminal.js';

/** A registry that listens. */
export interface RunningRegistry {
  /** What to print now that it listens: where, where it stores, how to push a first image. */
  readonly lines: readonly string[];
  /** Settles when it has stopped; rejects when it stopped by a fault. */
  readonly stopped: Promise<void>;
}

/**
 * Starts the registry and waits until it has stopped. `start` throws ConfigurationError or StartFailed for what its
 * user can put right.
 */
export class ServeCommand implements Command {
  readonly name = 'serve';
  readonly summary = 'Run the registry';
  readonly argument = configurationArgument;
  readonly options = configurationOptions;
  readonly examples = [
    ['serve', 'On 127.0.0.1:5000, stored in ./data'],
    ['serve /etc/distribution/config.yml', 'As the file says'],
    ['serve --addr :5000 --root /srv/registry', 'On every interface'],
  ] as const;

  readonly #start: (request: ConfigurationRequest) => Promise<RunningRegistry>;
  readonly #terminal: Terminal;

  constructor(start: (request: ConfigurationRequest) => Promise<RunningRegistry>, terminal: Terminal) {
    this.#start = start;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const registry = await this.#start(configurationRequest(args));
    for (const line of registry.lines) this.#terminal.stdout.write(`${line}\n`);
    await registry.stopped;
    return 0;
  }
}

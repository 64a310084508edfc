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

export interface ServeOptions {
  /** Beside the registry that the folder belongs to: it reads there, and writes nothing. */
  readonly trial: boolean;
}

/** Throws ConfigurationError or StartFailed for what its user can put right. */
export type StartRegistry = (
  request: ConfigurationRequest,
  options: ServeOptions,
) => Promise<RunningRegistry>;

/**
 * Starts the registry and waits until it has stopped.
 */
export class ServeCommand implements Command {
  readonly name = 'serve';
  readonly summary = 'Run the registry';
  readonly arguments = [configurationArgument];
  readonly options = {
    ...configurationOptions,
    trial: {
      type: 'boolean',
      describe: 'Serve pulls from a folder that another registry goes on serving, and write nothing there',
    },
  } as const;
  readonly examples = [
    ['serve', 'On 127.0.0.1:5000, stored in ./data'],
    ['serve /etc/distribution/config.yml', 'As the file says'],
    ['serve --addr :5000 --root /srv/registry', 'On every interface'],
    ['serve --trial --addr :5001 config.yml', 'Beside the registry that config.yml belongs to'],
  ] as const;

  readonly #start: StartRegistry;
  readonly #terminal: Terminal;

  constructor(start: StartRegistry, terminal: Terminal) {
    this.#start = start;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const registry = await this.#start(configurationRequest(args), { trial: args['trial'] === true });
    for (const line of registry.lines) this.#terminal.stdout.write(`${line}\n`);
    await registry.stopped;
    return 0;
  }
}

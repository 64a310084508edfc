import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import type { Terminal } from '../output/terminal.js';
import { StartFailed } from '../start-failed.js';
import type { OpenNotificationsOf } from './open-notifications.js';

const ENDPOINT = 'endpoint';

/** Lets what waits for endpoints be tried at once. Exit code 1 when there is no such endpoint. */
export class NotificationsRetryCommand implements Command {
  readonly name = 'retry';
  readonly summary = 'Try at once what waits for endpoints, by the registry that runs or by the next';
  readonly arguments = [configurationArgument];
  readonly options = {
    ...configurationOptions,
    [ENDPOINT]: { type: 'string', requiresArg: true, describe: 'Its name; all endpoints without it' },
  } as const;
  readonly examples = [
    ['notifications retry config.yml', 'All endpoints, without waiting for their backoff'],
    ['notifications retry config.yml --endpoint alerts', 'One of them'],
  ] as const;

  readonly #open: OpenNotificationsOf;
  readonly #terminal: Terminal;

  constructor(open: OpenNotificationsOf, terminal: Terminal) {
    this.#open = open;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const name = typeof args[ENDPOINT] === 'string' ? args[ENDPOINT] : undefined;
    const opened = await this.#open({ configuration: configurationRequest(args), purpose: 'retry' });
    try {
      const asked = await opened.retry.execute(name);
      if (asked.length === 0) throw await this.#unknown(name, opened.show);
      this.#terminal.stdout.write(`${asked.join(', ')}: the next attempt comes at once.\n`);
      return 0;
    } finally {
      await opened.close();
    }
  }

  async #unknown(
    name: string | undefined,
    show: { execute(): Promise<readonly { readonly name: string }[]> },
  ): Promise<StartFailed> {
    const known = (await show.execute()).map((endpoint) => endpoint.name);
    if (name === undefined || known.length === 0) {
      return new StartFailed('no registry has started with an endpoint (notifications.endpoints) yet.');
    }
    return new StartFailed(`there is no endpoint ${JSON.stringify(name)}; there is ${known.join(', ')}.`);
  }
}

import type { Clock } from '../../../application/ports/system/clock.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import { printTable } from '../output/print-table.js';
import { ENDPOINT_HEAD, endpointJson, endpointRow } from '../output/show-endpoint.js';
import type { Terminal } from '../output/terminal.js';
import type { OpenNotificationsOf } from './open-notifications.js';

/** Says how endpoints fare. */
export class NotificationsStatusCommand implements Command {
  readonly name = 'status';
  readonly summary = 'Show what each endpoint has got, what waits for it, and why';
  readonly arguments = [configurationArgument];
  readonly options = {
    ...configurationOptions,
    json: { type: 'boolean', describe: 'Print everything as an object' },
  } as const;
  readonly examples = [
    ['notifications status config.yml', 'A table; the registry may serve meanwhile'],
    ['notifications status config.yml --json', 'For a program to read'],
  ] as const;

  readonly #open: OpenNotificationsOf;
  readonly #terminal: Terminal;
  readonly #clock: Clock;

  constructor(open: OpenNotificationsOf, terminal: Terminal, clock: Clock) {
    this.#open = open;
    this.#terminal = terminal;
    this.#clock = clock;
  }

  async run(args: CommandArguments): Promise<number> {
    const { stdout } = this.#terminal;
    const opened = await this.#open({ configuration: configurationRequest(args), purpose: 'status' });
    try {
      const reports = await opened.show.execute();
      const known = new Set(reports.map(({ name }) => name));
      const added = opened.endpoints.filter((name) => !known.has(name));
      if (args['json'] === true) {
        const endpoints = reports.map((report) =>
          endpointJson(report, opened.endpoints.includes(report.name)),
        );
        stdout.write(`${JSON.stringify({ endpoints, added }, undefined, 2)}\n`);
        return 0;
      }
      if (reports.length === 0 && added.length === 0) {
        stdout.write('No endpoint is configured (notifications.endpoints), and none is known.\n');
        return 0;
      }
      const now = this.#clock.now();
      const rows = reports.map((report) => endpointRow(report, opened.endpoints.includes(report.name), now));
      const unknown = added.map((name) => [name, '', '', '', '', 'the registry has not started with it yet']);
      printTable(this.#terminal, ENDPOINT_HEAD, [...rows, ...unknown]);
      return 0;
    } finally {
      await opened.close();
    }
  }
}

import type {
  ConfigurationReader,
  ValueOrigin,
} from '../../../application/ports/system/configuration-reader.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import { printTable } from '../output/print-table.js';
import type { Terminal } from '../output/terminal.js';

/** Prints every value and where it comes from. */
export class ConfigShowCommand implements Command {
  readonly name = 'show';
  readonly summary = 'Show every value and where it comes from';
  readonly arguments = [configurationArgument];
  readonly options = {
    ...configurationOptions,
    default: { type: 'boolean', describe: 'Print the built-in configuration as a file instead' },
    json: { type: 'boolean', describe: 'Print a list of { key, value, origin }' },
  } as const;
  readonly examples = [
    ['config show', 'What serve would use'],
    ['config show config.yml --addr :80', 'The same with a file and a flag'],
    ['config show --default > config.yml', 'A file to start from'],
  ] as const;

  readonly #reader: ConfigurationReader;
  readonly #terminal: Terminal;

  constructor(reader: ConfigurationReader, terminal: Terminal) {
    this.#reader = reader;
    this.#terminal = terminal;
  }

  /** @throws ConfigurationError */
  run(args: CommandArguments): Promise<number> {
    if (args['default'] === true) {
      this.#terminal.stdout.write(this.#reader.defaultFile());
      return Promise.resolve(0);
    }
    const { values } = this.#reader.read(configurationRequest(args));
    if (args['json'] === true) {
      const listed = values.map(({ key, value = null, origin }) => ({ key, value, origin }));
      this.#terminal.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
    } else {
      const rows = values.map(({ key, value, origin }) => [key, textOf(value), placeOf(origin)]);
      printTable(this.#terminal, ['KEY', 'VALUE', 'FROM'], rows);
    }
    return Promise.resolve(0);
  }
}

function textOf(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function placeOf(origin: ValueOrigin): string {
  switch (origin.kind) {
    case 'default':
      return 'default';
    case 'file':
      return `${origin.path}:${origin.line}`;
    case 'environment':
      return origin.variable;
    case 'flag':
      return origin.flag;
  }
}

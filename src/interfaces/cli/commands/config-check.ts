import {
  ConfigurationError,
  type ConfigurationReader,
} from '../../../application/ports/system/configuration-reader.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import type { Terminal } from '../output/terminal.js';

/** Says whether a configuration and the files that it names can be used, and what is noteworthy about them. */
export class ConfigCheckCommand implements Command {
  readonly name = 'check';
  readonly summary = 'Say what is wrong with a configuration and the files that it names';
  readonly arguments = [configurationArgument];
  readonly options = {
    ...configurationOptions,
    json: { type: 'boolean', describe: 'Print { valid, file, problems, notices, warnings }' },
  } as const;
  readonly examples = [
    ['config check /etc/distribution/config.yml', 'Check a file together with the environment'],
    ['config check --json', 'Check what serve would use, for a program to read'],
  ] as const;

  readonly #reader: ConfigurationReader;
  readonly #terminal: Terminal;

  constructor(reader: ConfigurationReader, terminal: Terminal) {
    this.#reader = reader;
    this.#terminal = terminal;
  }

  /** @throws ConfigurationError, unless the answer is JSON */
  async run(args: CommandArguments): Promise<number> {
    return args['json'] === true ? this.#checkAsJson(args) : this.#check(args);
  }

  async #check(args: CommandArguments): Promise<number> {
    const { stdout, stderr } = this.#terminal;
    const { file, notices, warnings } = await this.#reader.check(configurationRequest(args));
    for (const notice of notices) stdout.write(`notice: ${notice}\n`);
    for (const warning of warnings) stderr.write(`warning: ${warning}\n`);
    stdout.write(
      file === undefined ? 'No file is configured; what applies is valid.\n' : `${file} is valid.\n`,
    );
    return 0;
  }

  async #checkAsJson(args: CommandArguments): Promise<number> {
    try {
      const { file = null, notices, warnings } = await this.#reader.check(configurationRequest(args));
      this.#print({ valid: true, file, problems: [], notices, warnings });
      return 0;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const { file = null } = configurationRequest(args);
      this.#print({ valid: false, file, problems: error.problems, notices: [], warnings: [] });
      return 2;
    }
  }

  #print(answer: object): void {
    this.#terminal.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  }
}

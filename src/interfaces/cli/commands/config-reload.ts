import {
  ConfigurationError,
  type ConfigurationReader,
  type ConfigurationRequest,
} from '../../../application/ports/system/configuration-reader.js';
import type { ReloadOutcome } from '../../../application/use-cases/maintenance/reload-configuration.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import { printProblems } from '../output/print-problems.js';
import type { Terminal } from '../output/terminal.js';

/** What came of asking: `ended` while it was asked, `silent` when it has not answered in time. */
export type ReloadAnswer = ReloadOutcome | { readonly kind: 'ended' } | { readonly kind: 'silent' };

/** A `serve` that runs. */
export interface ServingProcess {
  readonly host: string;
  readonly pid: number;
  /** Asks it to reload its configuration, and waits for what comes of it. */
  reload(): Promise<ReloadAnswer>;
}

/**
 * Those that run on the folder of a configuration.
 * @throws StartFailed when there are none, or none can be asked
 */
export type FindServing = (request: ConfigurationRequest) => Promise<readonly ServingProcess[]>;

const NO_ANSWER: Readonly<Record<'ended' | 'silent', string>> = {
  ended: 'has ended before it answered.',
  silent:
    'has not answered in time: it still starts, or it is an older version. Its log tells what came of the request.',
};

/** Lets a running registry read its configuration again. */
export class ConfigReloadCommand implements Command {
  readonly name = 'reload';
  readonly summary = 'Let the running registry read its configuration again';
  readonly arguments = [configurationArgument];
  readonly options = {
    ...configurationOptions,
    json: {
      type: 'boolean',
      describe: 'Print { problems, processes }; each process as { host, pid, outcome, ... }',
    },
  } as const;
  readonly examples = [
    ['config reload /etc/distribution/config.yml', 'Check the file, then let serve take it'],
  ] as const;

  readonly #reader: ConfigurationReader;
  readonly #find: FindServing;
  readonly #terminal: Terminal;

  constructor(reader: ConfigurationReader, find: FindServing, terminal: Terminal) {
    this.#reader = reader;
    this.#find = find;
    this.#terminal = terminal;
  }

  /** @throws ConfigurationError, unless the answer is JSON; StartFailed */
  async run(args: CommandArguments): Promise<number> {
    const request = configurationRequest(args);
    const isJson = args['json'] === true;
    try {
      // What is wrong with it is said here, and nobody is asked.
      await this.#reader.check(request);
    } catch (error) {
      if (!isJson || !(error instanceof ConfigurationError)) throw error;
      this.#print({ problems: error.problems, processes: [] });
      return 2;
    }
    const serving = await this.#find(request);
    const answers = await Promise.all(
      serving.map(async (process) => ({ process, answer: await process.reload() })),
    );
    if (isJson) this.#print({ problems: [], processes: answers.map(inJson) });
    else for (const { process, answer } of answers) this.#tell(`process ${process.pid}`, answer);
    return answers.every(({ answer }) => answer.kind === 'reloaded') ? 0 : 1;
  }

  #tell(who: string, answer: ReloadAnswer): void {
    const { stdout, stderr } = this.#terminal;
    switch (answer.kind) {
      case 'reloaded': {
        const { changed, restart } = answer;
        if (changed.length > 0) stdout.write(`${who} has taken: ${changed.join(', ')}.\n`);
        else
          stdout.write(
            `${who} has read its configuration and files again; no key that it can take has changed.\n`,
          );
        if (restart.length > 0) stdout.write(`${who} needs a restart for: ${restart.join(', ')}.\n`);
        return;
      }
      case 'refused': {
        const headline = `${who} keeps the configuration that it had:`;
        const [only, ...others] = answer.problems;
        if (only !== undefined && others.length === 0) stderr.write(`stowage: ${headline} ${only}\n`);
        else printProblems(this.#terminal, headline, answer.problems);
        return;
      }
      case 'ended':
      case 'silent':
        stderr.write(`stowage: ${who} ${NO_ANSWER[answer.kind]}\n`);
    }
  }

  #print(answer: object): void {
    this.#terminal.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  }
}

function inJson({
  process: { host, pid },
  answer: { kind: outcome, ...more },
}: {
  readonly process: ServingProcess;
  readonly answer: ReloadAnswer;
}): object {
  return { host, pid, outcome, ...more };
}

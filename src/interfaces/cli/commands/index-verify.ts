import type { ComparisonProgress } from '../../../application/services/index-comparison.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import { DifferenceList } from '../output/difference-list.js';
import { Progress } from '../output/progress.js';
import { DIFFERENCE_HEAD, differenceJson, differenceRow } from '../output/show-difference.js';
import type { Terminal } from '../output/terminal.js';
import { compared, newProgress } from './compared.js';
import type { IndexRequest, OpenIndex } from './open-index.js';

/** Says what the folder and the database do not say alike. Exit code 1 when there is something. */
export class IndexVerifyCommand implements Command {
  readonly name = 'verify';
  readonly summary = 'Compare the folder with the database, and change nothing';
  readonly arguments = [configurationArgument];
  readonly options = {
    ...configurationOptions,
    json: {
      type: 'boolean',
      describe: 'Print each difference as an object on a line, and a summary as the last',
    },
  } as const;
  readonly examples = [
    ['index verify', 'Of the registry in ./data; it may serve meanwhile'],
    ['index verify /etc/distribution/config.yml --json', 'For a program to read'],
  ] as const;

  readonly #open: (request: IndexRequest) => Promise<OpenIndex>;
  readonly #terminal: Terminal;

  constructor(open: (request: IndexRequest) => Promise<OpenIndex>, terminal: Terminal) {
    this.#open = open;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const index = await this.#open({ configuration: configurationRequest(args), purpose: 'verify' });
    try {
      return await this.#verify(index, args['json'] === true);
    } finally {
      await index.close();
    }
  }

  async #verify(index: OpenIndex, json: boolean): Promise<number> {
    const { stdout, stderr } = this.#terminal;
    const progress = newProgress();
    const list = new DifferenceList();
    const line = new Progress(
      this.#terminal,
      () => `${compared(progress)}, ${list.count} differences so far`,
    );
    let stopped = false;
    try {
      for await (const difference of index.verify.execute(progress, index.signal)) {
        list.add(difference, differenceRow(difference));
        if (json) stdout.write(`${JSON.stringify(differenceJson(difference))}\n`);
      }
    } catch (error) {
      if (!index.signal.aborted) throw error;
      stopped = true;
    } finally {
      line.end();
    }
    if (json) this.#summarise(progress, list, stopped);
    else this.#print(progress, list, stopped);
    if (index.unfinished) stderr.write(`${UNFINISHED}\n`);
    if (stopped) stderr.write('stowage: stopped before the end; what was not compared may differ\n');
    return stopped || list.count > 0 ? 1 : 0;
  }

  #print(progress: ComparisonProgress, list: DifferenceList, stopped: boolean): void {
    list.print(this.#terminal, DIFFERENCE_HEAD);
    const found = list.summary() ?? 'No differences';
    this.#terminal.stdout.write(`${found}${stopped ? ' so far' : ''} (${compared(progress)}).\n`);
  }

  #summarise(progress: ComparisonProgress, list: DifferenceList, stopped: boolean): void {
    const summary = { compared: progress, differences: list.count, kinds: list.counts(), complete: !stopped };
    this.#terminal.stdout.write(`${JSON.stringify({ summary })}\n`);
  }
}

const UNFINISHED =
  'notice: a process has ended before it had written all its link files; the next start of serve, and index repair, ' +
  'write them';

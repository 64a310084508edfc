import type { ReplayReport } from '../../../application/use-cases/maintenance/replay-names.js';
import { keyOfName } from '../../../domain/repository/linked-name.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import type { Terminal } from '../output/terminal.js';
import type { IndexRequest, OpenIndex } from './open-index.js';

/** Brings the folder up to date with the database, as a stop of the registry does. Exit code 1 when a link is left. */
export class IndexFlushCommand implements Command {
  readonly name = 'flush';
  readonly summary =
    'Write the link files that a killed registry has left, so that the folder alone tells everything';
  readonly arguments = [configurationArgument];
  readonly options = {
    ...configurationOptions,
    json: { type: 'boolean', describe: 'Print the outcome as an object' },
  } as const;
  readonly examples = [
    ['index flush', 'Before a backup of ./data, or before another registry is started on it'],
  ] as const;

  readonly #open: (request: IndexRequest) => Promise<OpenIndex>;
  readonly #terminal: Terminal;

  constructor(open: (request: IndexRequest) => Promise<OpenIndex>, terminal: Terminal) {
    this.#open = open;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const index = await this.#open({ configuration: configurationRequest(args), purpose: 'flush' });
    try {
      const report = await index.flush();
      if (args['json'] === true) this.#printJson(report, index.shared);
      else this.#print(report, index.shared);
      return report.left > 0 ? 1 : 0;
    } finally {
      await index.close();
    }
  }

  #print({ written, left, changedElsewhere }: ReplayReport, shared: boolean): void {
    const { stdout, stderr } = this.#terminal;
    stdout.write(written === 0 ? 'No link file was left to be written.\n' : `Names written: ${written}.\n`);
    for (const name of changedElsewhere) {
      stderr.write(`notice: ${keyOfName(name)} was changed by another program, and stays as it is\n`);
    }
    if (shared) stderr.write('notice: a running registry writes what it changes itself, within a second\n');
    if (left > 0) stderr.write(`stowage: ${left} link files could not be written; see the log lines above\n`);
  }

  #printJson({ written, left, changedElsewhere }: ReplayReport, shared: boolean): void {
    const outcome = { written, left, changedElsewhere: changedElsewhere.map(keyOfName), shared };
    this.#terminal.stdout.write(`${JSON.stringify(outcome)}\n`);
  }
}

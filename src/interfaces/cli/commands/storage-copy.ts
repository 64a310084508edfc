import type { CopyProgress } from '../../../application/services/copy-pass.js';
import type { CopyReport } from '../../../application/use-cases/maintenance/copy-storage.js';
import type { Clock } from '../../../application/ports/system/clock.js';
import type { Command, CommandArguments } from '../command.js';
import { CopyOutput } from '../output/copy-output.js';
import type { Terminal } from '../output/terminal.js';
import { UsageError } from '../usage-error.js';
import type { CopyRequestOfFiles, OpenCopy, OpenCopyOf } from './open-copy.js';

const PATH = 'storage copy';

/**
 * Copies a registry from one storage to another. Exit code 0 when it is certain that the target has everything that the
 * source has, 1 when it is not.
 */
export class StorageCopyCommand implements Command {
  readonly name = 'copy';
  readonly summary = 'Copy all images of one storage to another; run it again and it copies what is new';
  readonly options = {
    from: {
      type: 'string',
      requiresArg: true,
      describe: 'The configuration whose storage is copied. REGISTRY_… variables do not count here',
    },
    to: {
      type: 'string',
      requiresArg: true,
      describe: 'The configuration whose storage it is copied into; no registry may run on it',
    },
    verify: { type: 'boolean', describe: 'Read what the target has already; else its size is enough' },
    'move-tags': {
      type: 'boolean',
      describe: "Move tags of the target's own to what they name in the source; else they are only told",
    },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print nothing but what is wrong' },
    json: { type: 'boolean', describe: 'Print a summary as an object' },
  } as const;
  readonly examples = [
    ['storage copy --from folder.yml --to bucket.yml', 'While the registry runs: most of it'],
    ['storage copy --from folder.yml --to bucket.yml', 'Again, when it is stopped or read-only: the rest'],
  ] as const;

  readonly #open: OpenCopyOf;
  readonly #terminal: Terminal;
  readonly #clock: Clock;

  constructor(open: OpenCopyOf, terminal: Terminal, clock: Clock) {
    this.#open = open;
    this.#terminal = terminal;
    this.#clock = clock;
  }

  async run(args: CommandArguments): Promise<number> {
    const opened = await this.#open(readFiles(args));
    try {
      return await this.#copy(opened, args);
    } catch (error) {
      throw opened.explain(error);
    } finally {
      await opened.close();
    }
  }

  async #copy({ copy, doubts, signal }: OpenCopy, args: CommandArguments): Promise<number> {
    const progress: CopyProgress = {
      pass: 0,
      blobsCopied: 0,
      bytesCopied: 0,
      namesCopied: 0,
      blobsThere: 0,
      namesThere: 0,
      repositories: 0,
    };
    const style = { quiet: args['quiet'] === true, json: args['json'] === true };
    const output = new CopyOutput(this.#terminal, style, progress);
    const begun = this.#clock.now();
    let report: CopyReport | undefined;
    try {
      const request = { verify: args['verify'] === true, moveTags: args['move-tags'] === true };
      report = await copy.execute(request, progress, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      output.end();
    }
    output.summarise({ report, doubts, seconds: (this.#clock.now() - begun) / 1_000 });
    return isWhole(report) && doubts.length === 0 ? 0 : 1;
  }
}

/** What is only in the target does no harm. */
function isWhole(report: CopyReport | undefined): boolean {
  return report !== undefined && report.settled && report.damages.count + report.conflicts.count === 0;
}

/** @throws UsageError */
function readFiles(args: CommandArguments): CopyRequestOfFiles {
  const { from, to } = args;
  if (typeof from !== 'string' || typeof to !== 'string' || from === '' || to === '') {
    throw new UsageError(`${PATH} needs two configurations: --from <file> --to <file>.`, PATH);
  }
  return { from, to };
}

import type { ConfigurationRequest } from '../../../application/ports/system/configuration-reader.js';
import { sumOfReports, type CollectionReport } from '../../../application/services/collection-run.js';
import type { Clock } from '../../../application/ports/system/clock.js';
import { Grace } from '../../../domain/lifecycle/grace.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import type { OrphanReport } from '../../../application/services/orphan-tally.js';
import { CollectionOutput, type CollectionStyle } from '../output/collection-output.js';
import { OrphanOutput } from '../output/orphan-output.js';
import type { Terminal } from '../output/terminal.js';
import { UsageError } from '../usage-error.js';
import type { CollectionOptions, OpenCollection } from './open-collection.js';

/** Rows between two looks at the signal; nobody else waits for this process. */
const BATCH = 200;

const DURATION = /^0$|^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What the options ask for. */
interface GcRequest extends CollectionStyle {
  readonly untagged: boolean;
  /** Undefined for the default. */
  readonly grace: Grace | undefined;
  readonly unreadable: RepositoryName | undefined;
  readonly orphans: boolean;
}

type Open = (request: ConfigurationRequest, options: CollectionOptions) => Promise<OpenCollection>;

/** Removes at once what nothing needs. Exit code 1 when something that should have gone is still there. */
export class GcCommand implements Command {
  readonly name = 'gc';
  readonly aliases = ['garbage-collect'];
  readonly summary = 'Remove blobs, and manifests if asked for, that nothing needs any more';
  readonly arguments = [configurationArgument];
  readonly options = {
    'dry-run': { type: 'boolean', alias: 'd', describe: 'Show what would go, and change nothing' },
    'delete-untagged': {
      type: 'boolean',
      alias: 'm',
      describe: 'Also remove manifests that no tag reaches, by an index or as the subject of what it names',
    },
    grace: {
      type: 'string',
      requiresArg: true,
      describe:
        'How long unreferenced content is kept: 0, 30m, 24h. Without it gc.grace beside a registry that runs, else 0',
    },
    orphans: {
      type: 'boolean',
      describe: 'Also walk the whole folder for files that the database does not know and that nothing names',
    },
    'drop-unreadable': {
      type: 'string',
      requiresArg: true,
      describe: 'A repository in which something can not be read: let that hold nothing any more',
    },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print the summary only' },
    json: { type: 'boolean', describe: 'Print each thing as an object on a line, and a summary as the last' },
    ...configurationOptions,
  } as const;
  readonly examples = [
    ['gc --dry-run', 'Show what would be removed from ./data'],
    ['gc --delete-untagged /etc/distribution/config.yml', 'Also manifests that no tag reaches'],
    ['gc --grace 1h', 'Beside a running registry: what nothing has needed for an hour'],
  ] as const;

  readonly commands: readonly Command[];

  readonly #open: Open;
  readonly #terminal: Terminal;
  readonly #clock: Clock;

  /** @param commands those below it */
  constructor(open: Open, terminal: Terminal, clock: Clock, commands: readonly Command[]) {
    this.commands = commands;
    this.#open = open;
    this.#terminal = terminal;
    this.#clock = clock;
  }

  async run(args: CommandArguments): Promise<number> {
    const request = readRequest(args);
    const opened = await this.#open(configurationRequest(args), { dryRun: request.dryRun });
    try {
      return await this.#collect(opened, request);
    } catch (error) {
      throw opened.explain(error);
    } finally {
      await opened.close();
    }
  }

  async #collect(opened: OpenCollection, request: GcRequest): Promise<number> {
    const grace = request.grace ?? (opened.shared ? opened.grace : new Grace(0));
    this.#notice(opened, grace);
    if (request.unreadable !== undefined) await this.#dropUnreadable(opened, request.unreadable);
    const output = new CollectionOutput(this.#terminal, request);
    const begun = this.#clock.now();
    try {
      const wanted = { grace, requested: true, untagged: request.untagged, batch: BATCH, pause: 0 };
      const reports = [await opened.collect.execute(wanted, output, opened.signal)];
      const orphans =
        request.orphans && reports.every(isWhole) ? await this.#scan(opened, request, grace) : undefined;
      if (orphans !== undefined && !request.dryRun) {
        // What the scan has taken in from links waits for the next request.
        reports.push(await opened.collect.execute({ ...wanted, requested: false }, output, opened.signal));
      }
      const kept = await opened.reportKept.execute(grace);
      const seconds = (this.#clock.now() - begun) / 1_000;
      const report = sumOfReports(reports);
      output.summarise({ report, orphans, kept, seconds });
      this.#tellSuspension(report);
      return isWhole(report) && output.refusals + hiddenIn(orphans) === 0 ? 0 : 1;
    } finally {
      output.end();
    }
  }

  #tellSuspension({ suspended }: CollectionReport): void {
    if (suspended !== undefined) this.#terminal.stderr.write(`stowage gc: ${suspended}.\n`);
  }

  /** Undefined when it was stopped. */
  async #scan(
    { scanOrphans, uploadAge, signal }: OpenCollection,
    { dryRun }: GcRequest,
    grace: Grace,
  ): Promise<OrphanReport | undefined> {
    if (signal.aborted) return undefined;
    const progress = new OrphanOutput(this.#terminal);
    try {
      const scan = { grace: grace.duration, uploadAge, dryRun };
      return await scanOrphans.execute(scan, (state) => progress.progressed(state), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return undefined;
    } finally {
      progress.end();
    }
  }

  #notice({ shared, caveat, grace: configured }: OpenCollection, grace: Grace): void {
    const { stderr } = this.#terminal;
    if (caveat !== undefined) stderr.write(`notice: ${caveat}\n`);
    if (shared && grace.duration < configured.duration) {
      stderr.write(
        'notice: the grace is shortened while a registry runs; a client that is just pushing may have to push a blob again\n',
      );
    }
  }

  async #dropUnreadable({ dropUnreadable }: OpenCollection, repository: RepositoryName): Promise<void> {
    const dropped = await dropUnreadable.execute(repository);
    const name = repository.toString();
    this.#terminal.stderr.write(
      dropped === 0
        ? `notice: there is nothing in ${name} that can not be read\n`
        : `notice: ${dropped} unreadable in ${name} hold nothing any more\n`,
    );
  }
}

function hiddenIn(orphans: OrphanReport | undefined): number {
  return orphans?.hidden.count ?? 0;
}

/** Whether it ran until nothing was due any more. */
function isWhole({ stopped, suspended }: CollectionReport): boolean {
  return !stopped && suspended === undefined;
}

/** @throws UsageError */
function readRequest(args: CommandArguments): GcRequest {
  const dryRun = args['dry-run'] === true;
  const dropped = args['drop-unreadable'];
  const unreadable = typeof dropped === 'string' ? RepositoryName.ofExisting(dropped) : undefined;
  if (typeof dropped === 'string' && unreadable === undefined) {
    throw new UsageError(`--drop-unreadable must name a repository, not "${dropped}".`, 'gc');
  }
  if (dryRun && unreadable !== undefined) {
    throw new UsageError('--drop-unreadable changes something, so it does not go with --dry-run.', 'gc');
  }
  return {
    dryRun,
    unreadable,
    untagged: args['delete-untagged'] === true,
    orphans: args['orphans'] === true,
    grace: typeof args['grace'] === 'string' ? readGrace(args['grace']) : undefined,
    json: args['json'] === true,
    quiet: args['quiet'] === true,
  };
}

function readGrace(text: string): Grace {
  if (!DURATION.test(text)) {
    throw new UsageError(`--grace must be a duration such as 0, 30m or 24h, not "${text}".`, 'gc');
  }
  const parts = [...text.matchAll(PART)];
  return new Grace(
    parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0),
  );
}

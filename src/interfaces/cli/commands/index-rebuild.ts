import type { TreeDamage } from '../../../application/ports/storage/stored-tree.js';
import type { ConfigurationRequest } from '../../../application/ports/system/configuration-reader.js';
import type { AdoptionCounts } from '../../../application/use-cases/maintenance/adopt-tree.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import type { Terminal } from '../output/terminal.js';

export interface RebuildReport {
  readonly counts: AdoptionCounts;
  /** Open uploads that were carried over from the old database. */
  readonly uploads: number;
  /** Why nothing could be carried over from the old database, as a sentence without its end; undefined when it could. */
  readonly notCarriedOver: string | undefined;
  readonly seconds: number;
}

export interface RebuildOptions {
  /** Shows no progress and no summary. */
  readonly quiet: boolean;
  /** Called for each thing that is damaged. */
  readonly onDamage: (damage: TreeDamage) => void;
}

/** Throws ConfigurationError or StartFailed for what its user can put right. */
export type RebuildIndex = (request: ConfigurationRequest, options: RebuildOptions) => Promise<RebuildReport>;

/** Makes the metadata database anew from what the folder has. */
export class IndexRebuildCommand implements Command {
  readonly name = 'rebuild';
  readonly summary = 'Make the metadata database anew from the folder';
  readonly arguments = [configurationArgument];
  readonly options = {
    ...configurationOptions,
    json: { type: 'boolean', describe: 'Print counts and everything that is damaged as JSON' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print nothing but errors' },
  } as const;
  readonly examples = [
    ['index rebuild /etc/distribution/config.yml', 'When the registry is stopped and its database is lost'],
    ['index rebuild --json > rebuilt.json', 'With a list of everything in the folder that is damaged'],
  ] as const;

  readonly #rebuild: RebuildIndex;
  readonly #terminal: Terminal;

  constructor(rebuild: RebuildIndex, terminal: Terminal) {
    this.#rebuild = rebuild;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const request = configurationRequest(args);
    if (args['json'] === true) return this.#runAsJson(request);
    const quiet = args['quiet'] === true;
    const report = await this.#rebuild(request, { quiet, onDamage: () => undefined });
    const { notCarriedOver } = report;
    if (notCarriedOver !== undefined) {
      this.#terminal.stderr.write(
        `warning: open uploads and events that wait could not be taken from the old database, or not all; it is kept beside the new one as .old: ${notCarriedOver}.\n`,
      );
    }
    if (!quiet) for (const line of summaryOf(report)) this.#terminal.stdout.write(`${line}\n`);
    return 0;
  }

  /** Each damage is printed when it is found: there may be more than memory holds. */
  async #runAsJson(request: ConfigurationRequest): Promise<number> {
    const { stdout } = this.#terminal;
    let separator = '{\n  "damages": [\n    ';
    const report = await this.#rebuild(request, {
      quiet: true,
      onDamage: (damage) => {
        stdout.write(separator + JSON.stringify(damage));
        separator = ',\n    ';
      },
    });
    const { counts, uploads, notCarriedOver = null, seconds } = report;
    const rest = JSON.stringify({ counts, uploads, notCarriedOver, seconds }, null, 2);
    const beginning = separator.startsWith(',') ? '\n  ]' : '{\n  "damages": []';
    stdout.write(`${beginning},${rest.slice(1)}\n`);
    return 0;
  }
}

function summaryOf({ counts, uploads }: RebuildReport): readonly string[] {
  const { repositories, tags, manifests, links, blobs, damaged } = counts;
  return [
    `The metadata database is made anew: ${repositories} repositories with ${tags} tags, ${manifests} manifests and ` +
      `${links} links to ${blobs} blobs.`,
    ...(uploads === 0 ? [] : [`Open uploads that were kept: ${uploads}.`]),
    ...(damaged === 0 ? [] : [`Not everything in the folder is whole: ${damaged}; --json names all of it.`]),
  ];
}

import type { OrphanProgress, OrphanReport } from '../../../application/services/orphan-tally.js';
import { Progress } from './progress.js';
import { showCount, showSize } from './show-size.js';
import type { Terminal } from './terminal.js';

/** Shows how far a scan for orphans has come. */
export class OrphanOutput {
  readonly #progress: Progress;
  #state: OrphanProgress | undefined;

  constructor(terminal: Terminal) {
    this.#progress = new Progress(terminal, () => this.#show());
  }

  progressed(state: OrphanProgress): void {
    this.#state = state;
  }

  end(): void {
    this.#progress.end();
  }

  #show(): string {
    if (this.#state === undefined) return 'Looking for files that nothing names';
    const { blobs, names, candidates } = this.#state;
    const read = names === 0 ? '' : `, read ${showCount(names, 'name')}`;
    return (
      `Looking for files that nothing names: ${showCount(blobs, 'file')}${read}, ` +
      `${showCount(candidates.count, 'candidate')} (${showSize(candidates.bytes)})`
    );
  }
}

/** What a scan has found, for people. */
export function orphanSentences(report: OrphanReport, dryRun: boolean): readonly string[] {
  const { blobs, registered, young, named, undecided, hidden, uploads, leftovers } = report;
  const verb = dryRun ? 'would go to collection' : 'went to collection';
  const lines = [
    `Looked at ${showCount(blobs, 'file')}: ${registered.count} (${showSize(registered.bytes)}) that nothing names ${verb}.`,
  ];
  if (young.count > 0)
    lines.push(`Kept since they are young: ${showCount(young.count, 'file')} (${showSize(young.bytes)}).`);
  const removed = uploads.count + leftovers.count;
  if (removed > 0) {
    const bytes = showSize(uploads.bytes + leftovers.bytes);
    lines.push(
      `${dryRun ? 'Would remove' : 'Removed'} ${showCount(uploads.count, 'abandoned upload')} and ` +
        `${showCount(leftovers.count, 'half-written file')} (${bytes}).`,
    );
  }
  if (named.count > 0) {
    lines.push(
      `Kept since links or manifests in the folder name them: ${showCount(named.count, 'file')}, of which ` +
        `${named.adopted} were taken in. The database is behind the folder; \`stowage index repair --from-storage\` takes in the rest.`,
      ...named.first.map(({ digest, path }) => `  ${digest.toString()} in ${path}`),
    );
  }
  if (hidden.count > 0) {
    lines.push(
      `Nothing more was given to collection since these could not be looked into, and ${showCount(undecided.count, 'file')} may be named there:`,
      ...hidden.first.map(({ path, reason }) => `  ${path} ${reason}`),
    );
  }
  return lines;
}

/** The same for programs. */
export function orphanFigures(report: OrphanReport): object {
  return {
    ...report,
    named: {
      ...report.named,
      first: report.named.first.map(({ digest, ...rest }) => ({ digest: digest.toString(), ...rest })),
    },
  };
}

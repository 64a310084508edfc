import type { CopyProgress, Listed } from '../../../application/services/copy-pass.js';
import type { CopyReport } from '../../../application/use-cases/maintenance/copy-storage.js';
import { Progress } from './progress.js';
import { showCount, showSize } from './show-size.js';
import type { Terminal } from './terminal.js';

/** Things of one kind that are shown; `--json` has more. */
const SHOWN = 20;

export interface CopyStyle {
  readonly quiet: boolean;
  readonly json: boolean;
}

export interface CopyEnd {
  /** Undefined when it was stopped before its end. */
  readonly report: CopyReport | undefined;
  readonly doubts: readonly string[];
  readonly seconds: number;
}

/** Shows a copy: how far it has come, and in the end what was copied, what is wrong, and whether the target has all. */
export class CopyOutput {
  readonly #terminal: Terminal;
  readonly #style: CopyStyle;
  readonly #progress: CopyProgress;
  readonly #line: Progress | undefined;

  /** @param progress counted up by the copy */
  constructor(terminal: Terminal, style: CopyStyle, progress: CopyProgress) {
    this.#terminal = terminal;
    this.#style = style;
    this.#progress = progress;
    this.#line = style.quiet ? undefined : new Progress(terminal, () => this.#state());
  }

  /** Nothing is shown any more but the summary. */
  end(): void {
    this.#line?.end();
  }

  summarise(end: CopyEnd): void {
    const { json, quiet } = this.#style;
    if (json) this.#terminal.stdout.write(`${JSON.stringify(this.#figures(end))}\n`);
    else if (!quiet) this.#terminal.stdout.write(`${this.#done(end)}\n`);
    if (!json) for (const line of problemsOf(end)) this.#terminal.stderr.write(`${line}\n`);
    for (const line of this.#verdict(end)) this.#terminal.stderr.write(`${line}\n`);
    if (isCertain(end) && !json && !quiet) {
      this.#terminal.stdout.write('The target has everything that the source has.\n');
    }
  }

  #state(): string {
    const { pass, repositories, blobsThere, namesThere } = this.#progress;
    const looked = blobsThere + namesThere;
    const what = pass > 1 ? 'Comparing once more' : 'Copying';
    return `${what}: ${this.#copied()}; ${looked.toLocaleString('en')} were there, ${showCount(repositories, 'repository', 'repositories')} done`;
  }

  #copied(): string {
    const { blobsCopied, bytesCopied, namesCopied } = this.#progress;
    return `${showCount(blobsCopied, 'blob')} (${showSize(bytesCopied)}) and ${showCount(namesCopied, 'name')} copied`;
  }

  #done({ seconds, report }: CopyEnd): string {
    const { repositories, blobsThere, namesThere } = this.#progress;
    if (report === undefined) return `Until then: ${this.#copied()} in ${seconds.toFixed(1)} s.`;
    return (
      `${this.#copied()} in ${seconds.toFixed(1)} s. Compared in the end: ${showCount(blobsThere, 'blob')} and ` +
      `${showCount(namesThere, 'name')} in ${showCount(repositories, 'repository', 'repositories')}.`
    );
  }

  #verdict({ report, doubts }: CopyEnd): readonly string[] {
    if (report === undefined) {
      return ['stowage: stopped before the end; what was copied stands, and the next run goes on from there'];
    }
    const since = new Date(report.startedAt).toISOString().replace(/\.\d+Z$/, 'Z');
    return [
      ...doubts.map((doubt) => `stowage: ${doubt}`),
      ...(doubts.length > 0 || !report.settled
        ? [
            `stowage: not certain to be copied: what was pushed, moved or deleted in the source after ${since}`,
          ]
        : []),
      ...(report.settled
        ? []
        : ['stowage: the source changes while it is copied: the last pass still found something new']),
    ];
  }

  #figures(end: CopyEnd): object {
    const { report, doubts, seconds } = end;
    const { blobsCopied, bytesCopied, namesCopied, blobsThere, namesThere, repositories } = this.#progress;
    return {
      certain: isCertain(end),
      complete: report !== undefined,
      copied: { blobs: blobsCopied, bytes: bytesCopied, names: namesCopied },
      compared: { blobs: blobsThere, names: namesThere, repositories },
      damaged: figuresOf(report?.damages, (damage) => damage),
      conflicts: figuresOf(report?.conflicts, ({ tag, source, target }) => ({
        tag,
        source: source.toString(),
        target: target.toString(),
      })),
      onlyInTarget: figuresOf(report?.extras, (name) => name),
      changing: report !== undefined && !report.settled,
      doubts,
      since: report === undefined ? null : new Date(report.startedAt).toISOString(),
      seconds: Math.round(seconds * 1_000) / 1_000,
    };
  }
}

function isCertain({ report, doubts }: CopyEnd): boolean {
  if (report === undefined || doubts.length > 0 || !report.settled) return false;
  return report.damages.count + report.conflicts.count === 0;
}

function problemsOf({ report }: CopyEnd): readonly string[] {
  if (report === undefined) return [];
  const { damages, conflicts, extras } = report;
  return [
    ...listOf(damages, 'stowage: not everything in the source is whole; not copied', ({ path, reason }) => {
      return `${path} ${reason}`;
    }),
    ...listOf(
      conflicts,
      'stowage: tags that name something of its own in the target, and stay so; --move-tags moves them',
      ({ tag, source, target }) =>
        `${tag} is ${source.toString()} in the source, ${target.toString()} in the target`,
    ),
    ...listOf(extras, 'notice: only in the target, and left there', (name) => name),
  ];
}

function listOf<T>(found: Listed<T>, head: string, show: (one: T) => string): readonly string[] {
  if (found.count === 0) return [];
  const more = found.count - Math.min(found.first.length, SHOWN);
  return [
    `${head} (${found.count.toLocaleString('en')}):`,
    ...found.first.slice(0, SHOWN).map((one) => `  ${show(one)}`),
    ...(more > 0 ? [`  … and ${more.toLocaleString('en')} more`] : []),
  ];
}

function figuresOf<T>(
  found: Listed<T> | undefined,
  show: (one: T) => unknown,
): { readonly count: number; readonly first: readonly unknown[] } {
  return { count: found?.count ?? 0, first: found?.first.map(show) ?? [] };
}

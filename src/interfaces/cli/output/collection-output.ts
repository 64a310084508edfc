import type { RemovedManifest } from '../../../application/ports/metadata/reviews.js';
import type { CollectionListener, CollectionReport } from '../../../application/services/collection-run.js';
import type { RemovedContent } from '../../../application/services/content-removal.js';
import type { OrphanReport } from '../../../application/services/orphan-tally.js';
import type { KeptReport } from '../../../application/use-cases/maintenance/report-kept.js';
import { orphanFigures, orphanSentences } from './orphan-output.js';
import { Progress } from './progress.js';
import { showCount, showSize } from './show-size.js';
import type { Terminal } from './terminal.js';

/** Refusals that are named in the end. */
const NAMED = 20;

export interface CollectionStyle {
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What a summary says beside the report of the run. */
export interface CollectionEnd {
  readonly report: CollectionReport;
  /** Of the scan, if there was one. */
  readonly orphans: OrphanReport | undefined;
  readonly kept: KeptReport;
  readonly seconds: number;
}

/** Shows a collection: each thing that goes, how far it has come, and in the end what went, what stays and why. */
export class CollectionOutput implements CollectionListener {
  readonly #terminal: Terminal;
  readonly #style: CollectionStyle;
  readonly #progress: Progress;
  readonly #refused: string[] = [];
  #refusals = 0;
  #due = 0;
  #reviewed = 0;
  #blobs = 0;
  #bytes = 0;

  constructor(terminal: Terminal, style: CollectionStyle) {
    this.#terminal = terminal;
    this.#style = style;
    this.#progress = new Progress(terminal, () => this.#state());
  }

  /** Contents that the storage refused to remove. */
  get refusals(): number {
    return this.#refusals;
  }

  due(rows: number): void {
    this.#due = rows;
  }

  reviewed(rows: number): void {
    this.#reviewed += rows;
  }

  manifestRemoved({ repository, digest, size }: RemovedManifest): void {
    const name = `${repository.toString()}@${digest.toString()}`;
    this.#item(`manifest ${name}`, {
      kind: 'manifest',
      repository: repository.toString(),
      digest: digest.toString(),
      bytes: size,
    });
  }

  removed({ digest, size }: RemovedContent): void {
    this.#blobs += 1;
    this.#bytes += size;
    const text = digest.toString();
    this.#item(`blob ${text} (${showSize(size)})`, { kind: 'blob', digest: text, bytes: size });
  }

  failed({ digest }: RemovedContent, error: unknown): void {
    this.#refusals += 1;
    const reason = error instanceof Error ? error.message : String(error);
    const text = digest.toString();
    if (this.#style.json) this.#print(JSON.stringify({ failed: { digest: text, reason } }));
    else if (this.#refused.length < NAMED) this.#refused.push(`  ${text}: ${reason}`);
  }

  /** Nothing is shown any more but the summary. */
  end(): void {
    this.#progress.end();
  }

  summarise(end: CollectionEnd): void {
    this.end();
    if (this.#style.json) this.#print(JSON.stringify({ summary: this.#figures(end) }));
    else for (const line of this.#sentences(end)) this.#print(line);
  }

  #item(text: string, json: object): void {
    const { dryRun, quiet } = this.#style;
    if (this.#style.json) {
      if (!quiet) this.#print(JSON.stringify({ [dryRun ? 'wouldRemove' : 'removed']: json }));
    } else if (!quiet) this.#print(`${dryRun ? 'would remove' : 'removed'} ${text}`);
  }

  #print(line: string): void {
    this.#progress.besides(() => this.#terminal.stdout.write(`${line}\n`));
  }

  #state(): string {
    const { dryRun } = this.#style;
    const share = this.#due === 0 ? 1 : Math.min(1, this.#reviewed / this.#due);
    const done = Math.round(share * 20);
    const bar = `${'█'.repeat(done)}${'░'.repeat(20 - done)}`;
    const what = dryRun ? 'would be removed' : 'removed';
    return (
      `${bar} ${this.#reviewed.toLocaleString('en')} of ${showCount(this.#due, 'row')}, ` +
      `${showCount(this.#blobs, 'blob')} ${what} (${showSize(this.#bytes)})`
    );
  }

  #figures({ report, orphans, kept, seconds }: CollectionEnd): object {
    const { young, unreadable } = kept;
    return {
      dryRun: this.#style.dryRun,
      manifests: report.manifests,
      links: report.links,
      blobs: report.blobs,
      keptForGrace: { ...young, until: young.blobs === 0 ? null : new Date(young.until).toISOString() },
      keptUnreadable: {
        rows: report.unreadable,
        repositories: unreadable.map(({ repository, count }) => ({ repository, count })),
        more: kept.moreUnreadable,
      },
      ...(orphans !== undefined && { orphans: orphanFigures(orphans) }),
      left: report.left,
      failed: this.#refusals,
      stopped: report.stopped,
      ...(report.suspended !== undefined && { suspended: report.suspended }),
      seconds: Math.round(seconds * 1000) / 1000,
    };
  }

  #sentences({ report, orphans, kept, seconds }: CollectionEnd): readonly string[] {
    const { manifests, links, blobs, left, stopped } = report;
    const went =
      `${showCount(manifests.count, 'manifest')}, ${showCount(links, 'link')} to blobs and ` +
      `${showCount(blobs.count, 'file')} (${showSize(blobs.bytes)})`;
    const isNothing = manifests.count + links + blobs.count === 0;
    const { dryRun } = this.#style;
    const done = dryRun
      ? `Would remove ${went}. Nothing was changed.`
      : `Removed ${went} in ${seconds.toFixed(1)} s.`;
    const nothing = dryRun ? 'Nothing would be removed.' : 'Nothing to remove.';
    const waiting = left - this.#refusals;
    return [
      isNothing ? nothing : done,
      ...(orphans === undefined ? [] : orphanSentences(orphans, this.#style.dryRun)),
      ...keptSentences(kept),
      ...(waiting > 0
        ? [
            `${showCount(waiting, 'file')} could not go yet; the next run looks at ${waiting === 1 ? 'it' : 'them'}.`,
          ]
        : []),
      ...(this.#refusals === 0
        ? []
        : [`The storage refused to remove ${showCount(this.#refusals, 'file')}; tried again later:`]),
      ...this.#refused,
      ...(stopped ? ['Stopped before the end; what was done until then stands.'] : []),
    ];
  }
}

function keptSentences({ young, unreadable, moreUnreadable }: KeptReport): readonly string[] {
  const sentences: string[] = [];
  if (young.blobs > 0) {
    const until = new Date(young.until)
      .toISOString()
      .replace(/:\d\d\.\d+Z$/, ' UTC')
      .replace('T', ' ');
    sentences.push(
      `Kept for their grace, until ${until} at the latest: ${showCount(young.blobs, 'blob')} ` +
        `(${showSize(young.bytes)}) that no manifest references; --grace 0 removes them now.`,
    );
  }
  for (const { repository, count } of unreadable) {
    sentences.push(
      `Kept: everything in ${repository}, where ${showCount(count, 'thing')} can not be read and may need it; ` +
        `\`stowage index verify\` names them, --drop-unreadable ${repository} gives them up.`,
    );
  }
  if (moreUnreadable) sentences.push('There are more repositories in which something can not be read.');
  return sentences;
}

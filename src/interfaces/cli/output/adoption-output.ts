import type { TreeDamage } from '../../../application/ports/storage/stored-tree.js';
import type { Clock } from '../../../application/ports/system/clock.js';
import type { Logger } from '../../../application/ports/system/logger.js';
import type {
  AdoptionCounts,
  AdoptionObserver,
  AdoptionReport,
} from '../../../application/use-cases/maintenance/adopt-tree.js';
import { Progress } from './progress.js';
import type { Terminal } from './terminal.js';

/** Damages that a terminal shows; the rest is in the log. */
const SHOWN = 20;
/** Damages that are logged. */
const LOGGED = 1_000;
/** Milliseconds between two lines of the log. */
const INTERVAL = 10_000;

const NOTHING: AdoptionCounts = { repositories: 0, blobs: 0, links: 0, manifests: 0, tags: 0, damaged: 0 };

/**
 * Shows how an adoption goes on and what came of it: where somebody looks by a line that changes, elsewhere by a line
 * of the log now and then.
 */
export class AdoptionOutput implements AdoptionObserver {
  readonly #terminal: Terminal;
  readonly #logger: Logger | undefined;
  readonly #clock: Clock;
  readonly #isShown: boolean;
  readonly #begun: number;
  readonly #shown: TreeDamage[] = [];
  #counts = NOTHING;
  #line: Progress | undefined;
  #lastLogged: number;

  /** @param logger undefined where nothing is to be logged */
  constructor(terminal: Terminal, logger: Logger | undefined, clock: Clock) {
    this.#terminal = terminal;
    this.#logger = logger;
    this.#clock = clock;
    this.#isShown = terminal.interactive;
    this.#begun = clock.now();
    this.#lastLogged = this.#begun;
  }

  progressed(counts: AdoptionCounts): void {
    this.#counts = counts;
    if (this.#isShown) this.#line ??= new Progress(this.#terminal, () => this.#state());
    else this.#logNowAndThen();
  }

  damaged(damage: TreeDamage): void {
    if (this.#shown.length < SHOWN) this.#shown.push(damage);
    const { damaged } = this.#counts;
    if (damaged < LOGGED) this.#logger?.warn('something in the folder is damaged', { ...damage });
    else if (damaged === LOGGED) {
      this.#logger?.warn('more in the folder is damaged than is logged', { logged: LOGGED });
    }
    this.#counts = { ...this.#counts, damaged: damaged + 1 };
  }

  /** Says nothing of a folder in which nothing was. */
  finish({ counts, resumed }: AdoptionReport): void {
    this.end();
    if (counts.repositories + counts.damaged === 0) return;
    const seconds = this.#seconds();
    if (this.#isShown) this.#summarize(counts, resumed, seconds);
    this.#logger?.info('the database knows what the folder has', {
      ...counts,
      resumed,
      seconds: Math.round(seconds * 10) / 10,
      rowsPerSecond: rateOf(rowsOf(counts), seconds),
    });
  }

  /** Nothing is shown any more. */
  end(): void {
    this.#line?.end();
    this.#line = undefined;
  }

  #state(): string {
    const seconds = this.#seconds();
    const rows = rowsOf(this.#counts);
    return (
      `Taking over what the folder has: ${this.#counts.repositories} repositories, ${rows} rows, ` +
      `${rateOf(rows, seconds)} rows/s, ${Math.floor(seconds)} s`
    );
  }

  #logNowAndThen(): void {
    const now = this.#clock.now();
    if (now - this.#lastLogged < INTERVAL) return;
    this.#lastLogged = now;
    const rowsPerSecond = rateOf(rowsOf(this.#counts), this.#seconds());
    this.#logger?.info('taking over what the folder has', { ...this.#counts, rowsPerSecond });
  }

  #summarize(counts: AdoptionCounts, resumed: boolean, seconds: number): void {
    const { repositories, tags, manifests, blobs, links, damaged } = counts;
    const since = resumed ? ', since it was interrupted' : '';
    const lines = [
      `Took over ${repositories} repositories with ${tags} tags, ${manifests} manifests and ${links} links to ` +
        `${blobs} blobs in ${seconds.toFixed(1)} s (${rateOf(rowsOf(counts), seconds)} rows/s)${since}.`,
      ...(damaged === 0 ? [] : [`Not everything in the folder is whole (${damaged}):`]),
      ...this.#shown.map(({ path, reason }) => `  ${path} ${reason}`),
      ...(damaged > this.#shown.length ? [`  … and ${damaged - this.#shown.length} more`] : []),
    ];
    for (const line of lines) this.#terminal.stderr.write(`${line}\n`);
  }

  #seconds(): number {
    return (this.#clock.now() - this.#begun) / 1_000;
  }
}

function rowsOf({ blobs, links, manifests, tags }: AdoptionCounts): number {
  return blobs + links + manifests + tags;
}

function rateOf(rows: number, seconds: number): number {
  return Math.round(rows / Math.max(seconds, 0.001));
}

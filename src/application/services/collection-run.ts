import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type { Grace } from '../../domain/lifecycle/grace.js';
import type { DueCursor, DuePage, RemovedManifest, ReviewMoment } from '../ports/metadata/reviews.js';
import type { Clock } from '../ports/system/clock.js';
import type { RemovalListener, RemovedContent } from './content-removal.js';

export interface CollectionRequest {
  /** How much of the grace is waited for: the configured one, or less. */
  readonly grace: Grace;
  /** Whether what only a request looks at is looked at: what was adopted, and what was kept as unreadable. */
  readonly requested: boolean;
  /** Whether manifests that no tag reaches are removed. */
  readonly untagged: boolean;
  /** Rows that are looked at between two pauses. */
  readonly batch: number;
  /** Milliseconds. */
  readonly pause: number;
}

/** Who watches a collection. */
export interface CollectionListener extends RemovalListener {
  manifestRemoved(manifest: RemovedManifest): void;
  /** A repository does not have a blob any more. Left out by who does not want to know. */
  unlinked?(): void;
  /** Rows that are due at the begin; what goes may make more due. Left out by who does not want to know. */
  due?(rows: number): void;
  /** So many more rows were looked at. */
  reviewed(rows: number): void;
}

/** Milliseconds that others wait at most, beside the transaction that runs. */
const AT_A_STRETCH = 1;

interface Count {
  readonly count: number;
  readonly bytes: number;
}

export interface CollectionReport {
  readonly manifests: Count;
  /** Blobs that repositories do not have any more. */
  readonly links: number;
  /** Content whose bytes are gone: blobs, and copies of manifests. */
  readonly blobs: Count;
  /** Rows that are kept because something beside them can not be read. */
  readonly unreadable: number;
  /** Contents that could not be removed now and are tried again. */
  readonly left: number;
  /** Whether it was stopped before nothing was due any more. */
  readonly stopped: boolean;
  /** Why nothing more may be removed, a sentence without its full stop; undefined when nothing stands against it. */
  readonly suspended: string | undefined;
}

/** Rows of links have another grace than those of manifests and contents. */
export type DueKind = 'links' | 'others';

/** One run of the collection: what it was asked for, what is due for it, and what it has done so far. */
export class CollectionRun implements RemovalListener {
  readonly request: CollectionRequest;
  readonly signal: AbortSignal;
  /** Digests that this run does not look at again: what is given back has a new row. */
  readonly left = new Set<string>();
  readonly #listener: CollectionListener;
  readonly #grace: Grace;
  readonly #clock: Clock;
  readonly #manifests = { count: 0, bytes: 0 };
  readonly #blobs = { count: 0, bytes: 0 };
  #links = 0;
  #unreadable = 0;
  #suspended: string | undefined;
  readonly #losers = new Map<string, RepositoryName>();
  /** When it last let others come. */
  #breathed = 0;

  /** @param grace the configured one, by which rows are due */
  constructor(
    request: CollectionRequest,
    listener: CollectionListener,
    signal: AbortSignal,
    grace: Grace,
    clock: Clock,
  ) {
    this.request = request;
    this.signal = signal;
    this.#listener = listener;
    this.#grace = grace;
    this.#clock = clock;
  }

  moment(kind: DueKind): ReviewMoment {
    const now = this.#clock.now();
    const { grace } = this.request;
    const dueUntil =
      kind === 'links' ? this.#grace.linksDueUntil(now, grace) : this.#grace.dueUntil(now, grace);
    return { now, dueUntil };
  }

  /**
   * What is due now, in pages with a pause behind each, until the run is stopped. What becomes due meanwhile is left to the
   * next pass: where it comes as fast as it goes, the kinds that are looked at later would never have their turn.
   */
  async *pages<T extends { readonly cursor: DueCursor }>(
    kind: DueKind,
    read: (page: DuePage) => Promise<readonly T[]>,
  ): AsyncGenerator<readonly T[]> {
    const { batch: limit, pause } = this.request;
    const { dueUntil } = this.moment(kind);
    const next = (after: DueCursor | undefined) => read({ dueUntil, after, limit });
    let page = await next(undefined);
    while (page.length > 0 && !this.ended) {
      yield page;
      this.#listener.reviewed(page.length);
      await this.#clock.sleep(pause);
      page = await next(page.at(-1)?.cursor);
    }
  }

  /** Batches with a pause behind each, until `work` finds nothing more or the run is stopped. */
  async batches(work: () => Promise<boolean>): Promise<void> {
    while (!this.ended && (await work())) await this.#clock.sleep(this.request.pause);
  }

  /** Whether nothing more may be done. */
  get ended(): boolean {
    return this.signal.aborted || this.#suspended !== undefined;
  }

  /** Nothing more is removed, by this run or, until somebody has looked into it, by any other. */
  suspend(reason: string): void {
    this.#suspended ??= reason;
  }

  /** Names are about to go from it. */
  loses(repository: RepositoryName): void {
    this.#losers.set(repository.toString(), repository);
  }

  /** Repositories from which names went since the last time that this was asked. */
  takeLosers(): readonly RepositoryName[] {
    const losers = [...this.#losers.values()];
    this.#losers.clear();
    return losers;
  }

  /** Manifests and links that went. */
  get namesRemoved(): number {
    return this.#manifests.count + this.#links;
  }

  /**
   * Lets requests come between two transactions, and other processes get the lock. A sleep takes a millisecond at least:
   * it is left out while less than that has been worked since the last.
   */
  async breathe(): Promise<void> {
    if (Math.abs(this.#clock.now() - this.#breathed) < AT_A_STRETCH) return;
    await this.#clock.sleep(0);
    this.#breathed = this.#clock.now();
  }

  manifestRemoved(manifest: RemovedManifest): void {
    this.#manifests.count += 1;
    this.#manifests.bytes += manifest.size;
    this.#listener.manifestRemoved(manifest);
  }

  unlinked(): void {
    this.#links += 1;
    this.#listener.unlinked?.();
  }

  keptUnreadable(rows = 1): void {
    this.#unreadable += rows;
  }

  removed(content: RemovedContent): void {
    this.#blobs.count += 1;
    this.#blobs.bytes += content.size;
    this.#listener.removed(content);
  }

  failed(content: RemovedContent, error: unknown): void {
    this.#listener.failed(content, error);
  }

  report(): CollectionReport {
    return {
      manifests: { ...this.#manifests },
      links: this.#links,
      blobs: { ...this.#blobs },
      unreadable: this.#unreadable,
      left: this.left.size,
      stopped: this.signal.aborted,
      suspended: this.#suspended,
    };
  }
}

/** What several runs have done, one after the other. */
export function sumOfReports(reports: readonly CollectionReport[]): CollectionReport {
  const sum = (of: (report: CollectionReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const count = (of: (report: CollectionReport) => Count): Count => ({
    count: sum((report) => of(report).count),
    bytes: sum((report) => of(report).bytes),
  });
  return {
    manifests: count((report) => report.manifests),
    links: sum((report) => report.links),
    blobs: count((report) => report.blobs),
    unreadable: sum((report) => report.unreadable),
    left: reports.at(-1)?.left ?? 0,
    stopped: reports.some((report) => report.stopped),
    suspended: reports.find((report) => report.suspended !== undefined)?.suspended,
  };
}

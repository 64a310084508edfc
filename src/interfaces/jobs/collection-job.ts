import type { BlobRemoval } from '../../application/ports/storage/blob-removal.js';
import { StorageFault } from '../../application/ports/storage/storage-fault.js';
import type { RemovedManifest } from '../../application/ports/metadata/reviews.js';
import type { RemovedContent } from '../../application/services/content-removal.js';
import type { CollectionMetrics } from '../../application/ports/system/collection-metrics.js';
import type { Logger } from '../../application/ports/system/logger.js';
import type { CollectionPermit } from '../../application/services/collection-permit.js';
import type {
  CollectionListener,
  CollectionReport,
  CollectionRequest,
} from '../../application/services/collection-run.js';
import type { CollectGarbage } from '../../application/use-cases/maintenance/collect-garbage.js';

/** Failures of one run that are logged by themselves. */
const LOGGED = 10;

export interface CollectionJobParts {
  readonly collect: Pick<CollectGarbage, 'execute'>;
  readonly removal: Pick<BlobRemoval, 'prove'>;
  readonly permit: CollectionPermit;
  readonly metrics: CollectionMetrics;
  readonly logger: Logger;
}

/** Collects what is due while the registry serves, counts and logs what went. */
export class CollectionJob {
  readonly #collect: Pick<CollectGarbage, 'execute'>;
  readonly #removal: Pick<BlobRemoval, 'prove'>;
  readonly #permit: CollectionPermit;
  readonly #metrics: CollectionMetrics;
  readonly #request: () => CollectionRequest;
  readonly #logger: Logger;

  /** @param request asked for at each run */
  constructor(
    { collect, removal, permit, metrics, logger }: CollectionJobParts,
    request: () => CollectionRequest,
  ) {
    this.#collect = collect;
    this.#removal = removal;
    this.#permit = permit;
    this.#metrics = metrics;
    this.#request = request;
    this.#logger = logger;
  }

  async run(stop: AbortSignal): Promise<void> {
    if (this.#permit.refusal !== undefined || !(await this.#isPossible())) return;
    const refused = new AbortController();
    // Another process may begin to take names in at any time.
    const listener = new Watcher(this.#logger, this.#metrics, () => {
      if (this.#permit.refusal !== undefined)
        refused.abort(new Error('collection is not permitted any more'));
    });
    const signal = AbortSignal.any([stop, refused.signal]);
    const report = await this.#counted(() => this.#collect.execute(this.#request(), listener, signal));
    this.#tell(report, listener.failures);
    if (report.suspended !== undefined) this.#suspend(report.suspended);
  }

  async #counted(run: () => Promise<CollectionReport>): Promise<CollectionReport> {
    try {
      const report = await run();
      this.#metrics.ended(report.stopped ? 'stopped' : 'completed');
      return report;
    } catch (error) {
      this.#metrics.ended('failed');
      throw error;
    }
  }

  /** Where no bytes can be removed safely no names are removed either. */
  async #isPossible(): Promise<boolean> {
    try {
      await this.#removal.prove();
      return true;
    } catch (error) {
      if (!(error instanceof StorageFault) || error.kind !== 'unsupported') throw error;
      this.#suspend(error.message);
      return false;
    }
  }

  #suspend(reason: string): void {
    this.#permit.suspend(reason);
    this.#logger.error(`the collection of garbage is suspended: ${reason}`);
  }

  #tell({ manifests, blobs, links }: CollectionReport, failed: number): void {
    if (manifests.count + blobs.count + links === 0) return;
    this.#logger.info('garbage was removed', {
      manifests: manifests.count,
      links,
      blobs: blobs.count,
      bytes: blobs.bytes,
      failed,
    });
  }
}

/** Counts what goes, and logs what does not. */
class Watcher implements CollectionListener {
  readonly #logger: Logger;
  readonly #metrics: CollectionMetrics;
  readonly #afterEachPage: () => void;
  failures = 0;

  constructor(logger: Logger, metrics: CollectionMetrics, afterEachPage: () => void) {
    this.#logger = logger;
    this.#metrics = metrics;
    this.#afterEachPage = afterEachPage;
  }

  reviewed(): void {
    this.#afterEachPage();
  }

  manifestRemoved({ size }: RemovedManifest): void {
    this.#metrics.removed('manifest', size);
  }

  unlinked(): void {
    this.#metrics.removed('link', 0);
  }

  removed({ size }: RemovedContent): void {
    this.#metrics.removed('blob', size);
  }

  failed({ digest }: RemovedContent, error: unknown): void {
    this.failures += 1;
    this.#metrics.refused();
    if (this.failures > LOGGED) return;
    this.#logger.error('content could not be removed; it is tried again', {
      digest: digest.toString(),
      error,
    });
  }
}

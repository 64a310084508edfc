import { beforeEach, describe, expect, it } from 'vitest';
import { CollectionPermit } from '../../../src/application/services/collection-permit.js';
import type {
  CollectionListener,
  CollectionReport,
  CollectionRequest,
} from '../../../src/application/services/collection-run.js';
import type {
  CollectionMetrics,
  CollectionOutcome,
} from '../../../src/application/ports/system/collection-metrics.js';
import type { Logger } from '../../../src/application/ports/system/logger.js';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import { ReadOnlyMode } from '../../../src/application/services/read-only-mode.js';
import { CollectionJob, type CollectionJobParts } from '../../../src/interfaces/jobs/collection-job.js';
import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { GRACE } from '../../support/fakes.js';
import { digestOf } from '../../support/http-client.js';
import { RecordingLogger } from '../observability/recording-logger.js';

const NEVER = new AbortController().signal;
const REQUEST: CollectionRequest = { grace: GRACE, requested: false, untagged: false, batch: 1, pause: 0 };
const NOTHING = { count: 0, bytes: 0 };

/** A run of pages without an end, which stops when it is told to. */
class EndlessCollection {
  pages = 0;
  readonly #afterPage: (page: number) => void;

  constructor(afterPage: (page: number) => void) {
    this.#afterPage = afterPage;
  }

  async execute(_request: CollectionRequest, listener: CollectionListener, signal: AbortSignal) {
    while (!signal.aborted) {
      this.pages += 1;
      this.#afterPage(this.pages);
      listener.reviewed(1);
    }
    const report = { manifests: NOTHING, links: 0, blobs: NOTHING, unreadable: 0, left: 0 };
    return { ...report, stopped: true, suspended: undefined };
  }
}

/** What was counted, in its order. */
class RecordedMetrics implements CollectionMetrics {
  readonly calls: unknown[][] = [];
  removed(...call: Parameters<CollectionMetrics['removed']>): void {
    this.calls.push(['removed', ...call]);
  }
  refused(): void {
    this.calls.push(['refused']);
  }
  ended(outcome: CollectionOutcome): void {
    this.calls.push(['ended', outcome]);
  }
}

describe('the job of collection', () => {
  const metrics = new RecordedMetrics();
  beforeEach(() => metrics.calls.splice(0));
  const others = { takeIn: false };
  const permit = new CollectionPermit({ ended: true }, new ReadOnlyMode(), {
    othersTakeIn: () => others.takeIn,
  });
  const jobOf = (
    collection: CollectionJobParts['collect'],
    prove = async () => undefined,
    of = permit,
    logger: Logger = QUIET_CONTEXT.logger,
  ): CollectionJob =>
    new CollectionJob(
      { collect: collection, removal: { prove }, permit: of, metrics, logger },
      () => REQUEST,
    );

  it('ends behind the page during which another process begins to take names in, and begins none meanwhile', async () => {
    const collection = new EndlessCollection((page) => {
      others.takeIn = page === 3;
    });
    await jobOf(collection).run(NEVER);
    expect(collection.pages).toBe(3);
    await jobOf(collection).run(NEVER);
    expect(collection.pages).toBe(3);
    others.takeIn = false;
  });

  it('removes nothing where the storage can not be fenced, and says why once', async () => {
    const collection = new EndlessCollection(() => undefined);
    const own = new CollectionPermit({ ended: true }, new ReadOnlyMode(), { othersTakeIn: () => false });
    const logger = new RecordingLogger();
    let asked = 0;
    const prove = async (): Promise<never> => {
      asked += 1;
      throw new StorageFault('unsupported', 'nothing is collected: this storage can not');
    };
    const job = jobOf(collection, prove, own, logger);
    await job.run(NEVER);
    await job.run(NEVER);
    expect([collection.pages, asked]).toEqual([0, 1]);
    expect(own.refusal).toBe('nothing is collected: this storage can not');
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'the collection of garbage is suspended: nothing is collected: this storage can not'],
    ]);
  });

  it('tries again after another fault of the storage', async () => {
    const stop = new AbortController();
    const collection = new EndlessCollection(() => stop.abort());
    const own = new CollectionPermit({ ended: true }, new ReadOnlyMode(), { othersTakeIn: () => false });
    let fails = true;
    const prove = async (): Promise<undefined> => {
      if (fails) throw new StorageFault('unavailable', 'the store does not answer');
    };
    const job = jobOf(collection, prove, own);
    await expect(job.run(stop.signal)).rejects.toThrow('does not answer');
    fails = false;
    await job.run(stop.signal);
    expect([collection.pages, own.refusal]).toEqual([1, undefined]);
  });

  it('ends when the registry stops', async () => {
    const stop = new AbortController();
    const collection = new EndlessCollection((page) => {
      if (page === 2) stop.abort();
    });
    await jobOf(collection).run(stop.signal);
    expect(collection.pages).toBe(2);
    expect(metrics.calls).toEqual([['ended', 'stopped']]);
  });

  it('counts what goes, what the storage refuses, and how it ends', async () => {
    const blob = { digest: Digest.parse(digestOf('blob')), size: 5 };
    const collection = {
      async execute(_request: CollectionRequest, listener: CollectionListener): Promise<CollectionReport> {
        listener.manifestRemoved({ repository: RepositoryName.parse('app'), digest: blob.digest, size: 3 });
        listener.unlinked?.();
        listener.removed(blob);
        listener.failed(blob, new Error('refused'));
        const report = { manifests: NOTHING, links: 0, blobs: NOTHING, unreadable: 0, left: 1 };
        return { ...report, stopped: false, suspended: undefined };
      },
    };
    await jobOf(collection).run(NEVER);
    expect(metrics.calls).toEqual([
      ['removed', 'manifest', 3],
      ['removed', 'link', 0],
      ['removed', 'blob', 5],
      ['refused'],
      ['ended', 'completed'],
    ]);
  });

  it('counts a run that fails, and fails with it', async () => {
    const collection = { execute: () => Promise.reject(new Error('disk on fire')) };
    await expect(jobOf(collection).run(NEVER)).rejects.toThrow('disk on fire');
    expect(metrics.calls).toEqual([['ended', 'failed']]);
  });
});

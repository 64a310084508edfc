import { describe, expect, it } from 'vitest';
import { CollectionPermit } from '../../../src/application/services/collection-permit.js';
import type {
  CollectionListener,
  CollectionRequest,
} from '../../../src/application/services/collection-run.js';
import type { Logger } from '../../../src/application/ports/system/logger.js';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import { ReadOnlyMode } from '../../../src/application/services/read-only-mode.js';
import type { CollectGarbage } from '../../../src/application/use-cases/maintenance/collect-garbage.js';
import { CollectionJob } from '../../../src/interfaces/jobs/collection-job.js';
import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { GRACE } from '../../support/fakes.js';
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

describe('the job of collection', () => {
  const others = { takeIn: false };
  const permit = new CollectionPermit({ ended: true }, new ReadOnlyMode(), {
    othersTakeIn: () => others.takeIn,
  });
  const jobOf = (
    collection: EndlessCollection,
    prove = async () => undefined,
    of = permit,
    logger: Logger = QUIET_CONTEXT.logger,
  ): CollectionJob =>
    new CollectionJob(collection as unknown as CollectGarbage, { prove }, of, REQUEST, logger);

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
  });
});

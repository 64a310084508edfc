import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STORAGES } from '../../contract/storage-under-test.js';
import type {
  BlobEntry,
  NameEntry,
  TreeInventory,
} from '../../../src/application/ports/storage/tree-inventory.js';
import type { OrphanProgress, OrphanReport } from '../../../src/application/services/orphan-tally.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { HOUR, pushBlob } from '../../contract/metadata/metadata-actions.js';
import { memoryUnderTest } from '../../contract/storage-under-test.js';
import { blobAt } from '../../support/tree-in-driver.js';
import { OrphansUnderTest } from './orphans-under-test.js';

const DAY = 24 * HOUR;
/** Two batches and a half. */
const ORPHANS = 2_500;

/** The walk of blobs goes on where it stood; names are read anew by the run that registers. */
describe.each(STORAGES)('a scan for orphans that was stopped %s', (_where, make) => {
  let under: OrphansUnderTest;
  let orphans: readonly Digest[];

  beforeEach(async () => {
    under = await OrphansUnderTest.open(make);
    await under.tree.layer('served', 'linked');
    await pushBlob(under.file.ports, 'served', 'linked');
    const made: Digest[] = [];
    for (let at = 0; at < ORPHANS; at += 1) made.push(await under.tree.blob(`orphan ${at}`));
    orphans = made;
  });
  afterEach(() => under.dispose());

  const STOP = new Error('stopped');

  async function stopped(
    when: (progress: OrphanProgress) => boolean,
    options: Parameters<OrphansUnderTest['scan']>[0] = {},
  ): Promise<void> {
    const stop = new AbortController();
    const observe = (progress: OrphanProgress): void => {
      if (when(progress)) stop.abort(STOP);
    };
    await expect(under.scan({ ...options, observe, signal: stop.signal })).rejects.toThrow(STOP);
  }

  const isComplete = ({ registered }: OrphanReport): void => {
    expect(registered.count).toBe(ORPHANS);
    expect(under.rows).toBe(ORPHANS + 1);
  };

  it('goes on in the walk of blobs, and registers what it had found before', async () => {
    await stopped(({ blobs }) => blobs >= 1_000);
    expect(under.rows).toBe(1);
    const report = await under.scan();
    expect(report).toMatchObject({ resumed: true, blobs: ORPHANS + 1 - 1_000 });
    isComplete(report);
    expect(await under.file.ports.orphanScans.current()).toBeUndefined();
  });

  it('goes on however often it is stopped', async () => {
    await stopped(({ blobs }) => blobs >= 1_000);
    await stopped(({ blobs }) => blobs >= 1_000);
    const report = await under.scan();
    expect(report).toMatchObject({ resumed: true, blobs: ORPHANS + 1 - 2_000 });
    isComplete(report);
  });

  it('sees a name that came after it had read the names of that repository', async () => {
    await stopped(({ phase, names }) => phase === 'names' && names === 1);
    const [named] = orphans;
    if (named === undefined) throw new Error('there are orphans');
    await under.tree.layerLink('served', named);
    const report = await under.scan();
    expect(report).toMatchObject({ resumed: true, registered: { count: ORPHANS - 1 }, named: { count: 1 } });
    expect(report.named.first[0]?.digest.equals(named)).toBe(true);
  });

  it('registers the rest when it was stopped among the registrations', async () => {
    const stop = new AbortController();
    let looks = 0;
    const inventory = observed(under.inventory, () => {
      looks += 1;
      if (looks === ORPHANS + 700) stop.abort(STOP);
    });
    await expect(under.scan({ inventory, signal: stop.signal })).rejects.toThrow(STOP);
    const before = under.rows - 1;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(ORPHANS);
    const report = await under.scan();
    expect(report.registered.count).toBe(ORPHANS - before);
    expect(under.rows).toBe(ORPHANS + 1);
  });

  it('does not register what was pushed, touched or removed meanwhile', async () => {
    const now = { later: 0, grace: 0 };
    await sleep(under.tick);
    await stopped(({ phase }) => phase === 'names', now);
    const pushed = await pushBlob(under.file.ports, 'served', 'orphan 1');
    const before = under.row(pushed);
    await sleep(under.tick);
    const touched = await under.tree.blob('orphan 2');
    const [removed] = orphans;
    if (removed === undefined) throw new Error('there are orphans');
    await under.driver.remove(blobAt(removed));
    const report = await under.scan(now);
    expect(report).toMatchObject({ resumed: true, registered: { count: ORPHANS - 3 }, young: { count: 1 } });
    expect(under.row(pushed)).toEqual(before);
    for (const digest of [touched, removed]) expect(under.row(digest)).toBeUndefined();
  });

  it.each([
    ['under another grace', { grace: 2 * HOUR }],
    ['more than a day later', { later: 2 * DAY + HOUR }],
  ])('begins anew %s', async (_what, options) => {
    await stopped(({ blobs }) => blobs >= 1_000);
    const report = await under.scan(options);
    expect(report).toMatchObject({ resumed: false, blobs: ORPHANS + 1 });
    isComplete(report);
  });

  it('is not gone on with by a dry run, nor forgotten', async () => {
    await stopped(({ blobs }) => blobs >= 1_000);
    const dry = await under.scan({ dryRun: true });
    expect(dry).toMatchObject({ resumed: false, registered: { count: ORPHANS } });
    expect((await under.scan()).blobs).toBe(ORPHANS + 1 - 1_000);
  });

  it('takes as many passes as it needs for many orphans, and names count in each', async () => {
    const last = orphans.map(String).toSorted().at(-1);
    if (last === undefined) throw new Error('there are orphans');
    await under.tree.layerLink('behind', Digest.parse(last));
    const report = await under.scan({ most: 1_000 });
    expect(report).toMatchObject({ registered: { count: ORPHANS - 1 }, named: { count: 1, adopted: 1 } });
    expect(under.rows).toBe(ORPHANS + 1);
  });
});

/** A tree whose blobs are made up while they are asked for. */
class EndlessInventory implements TreeInventory {
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  async *blobs(after: Digest | undefined): AsyncGenerator<BlobEntry> {
    const begin = after === undefined ? 0 : Number.parseInt(after.hex, 16) + 1;
    for (let at = begin; at < this.#count; at += 1) {
      const digest = Digest.parse(`sha256:${at.toString(16).padStart(64, '0')}`);
      yield { kind: 'blob', digest };
    }
  }

  async blobFile(): Promise<{ size: number; changedAt: number }> {
    return { size: 1, changedAt: 0 };
  }

  async removeLeftover(): Promise<void> {}

  async *names(): AsyncGenerator<NameEntry> {}

  async *uploads(): AsyncGenerator<never> {}
}

it('a scan of very many orphans holds a bounded number of them at once', async () => {
  const under = await OrphansUnderTest.open(memoryUnderTest);
  const count = 100_000;
  let [most, settled] = [0, 0];
  const observe = ({ phase, candidates }: OrphanProgress): void => {
    if (phase === 'names') most = Math.max(most, candidates.count - settled);
    else if (most > 0) settled = under.rows;
  };
  const report = await under.scan({ inventory: new EndlessInventory(count), most: 10_000, observe });
  expect(report.registered.count).toBe(count);
  expect(under.rows).toBe(count);
  expect(most).toBeGreaterThanOrEqual(10_000);
  expect(most).toBeLessThan(12_000);
  await under.dispose();
});

/** The same, which tells of each look at a file. */
function observed(inventory: TreeInventory, look: () => void): TreeInventory {
  return {
    blobs: (...of) => inventory.blobs(...of),
    blobFile: (digest) => {
      look();
      return inventory.blobFile(digest);
    },
    removeLeftover: (leftover) => inventory.removeLeftover(leftover),
    names: (signal) => inventory.names(signal),
    uploads: (signal) => inventory.uploads(signal),
  };
}

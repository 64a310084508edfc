import { DatabaseSync } from '@photostructure/sqlite';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONTENT_STATE } from '../../../src/infrastructure/metadata/sql/content-state.js';
import { decodeDigest } from '../../../src/infrastructure/metadata/sql/digest-codec.js';
import { blobPath } from '../../../src/infrastructure/storage/layout/paths.js';
import { blobOf, repository } from '../../contract/metadata/metadata-actions.js';
import { collect, deleteWhole, pushContent, pushWhole } from './world/actions.js';
import type { CollectionProcess } from './world/collection-process.js';
import { CollectionWorld } from './world/collection-world.js';
import { runAlone } from './world/come-to-rest.js';
import { DrivenCall } from './world/drive.js';

const GRACE = 60_000;
const LEASE = 120_000;
const NAME = 'team/app';

/** The database as it is after a power loss: what was committed before somebody last waited for the disk. */
class DurableCopy {
  readonly #world: CollectionWorld;
  readonly #path: string;
  #copies = 0;

  constructor(world: CollectionWorld) {
    this.#world = world;
    this.#path = `${world.path}-durable`;
  }

  readonly wait = async (): Promise<void> => {
    rmSync(this.#path, { force: true });
    this.#world.raw.exec(`VACUUM INTO '${this.#path}'`);
    this.#copies += 1;
  };

  get copies(): number {
    return this.#copies;
  }

  /** Links whose bytes neither the tree has nor the database. */
  async dangling(): Promise<readonly string[]> {
    const database = new DatabaseSync(this.#path);
    try {
      const rows = database
        .prepare(
          `SELECT c.digest FROM blob_link l JOIN content c ON c.id = l.content_id WHERE c.state = ?
           AND NOT EXISTS (SELECT 1 FROM waiting_bytes w WHERE w.content_id = c.id)`,
        )
        .all(CONTENT_STATE.present) as unknown as readonly { digest: Uint8Array }[];
      const digests = rows.map(({ digest }) => decodeDigest(digest));
      const stats = await Promise.all(digests.map((digest) => this.#world.driver.stat(blobPath(digest))));
      return digests.filter((_digest, at) => stats[at] === undefined).map(String);
    } finally {
      database.close();
    }
  }
}

describe.each([
  ['placed first', false],
  ['that wait', true],
] as const)('a power loss, with bytes %s,', (_bytes, waiting) => {
  let world: CollectionWorld;
  let durable: DurableCopy;
  let process: CollectionProcess;

  beforeEach(async () => {
    world = await CollectionWorld.open(1, { grace: GRACE, shortened: false, sparse: false, waiting });
    durable = new DurableCopy(world);
    world.barrier = durable;
    process = await world.start();
    const manifest = await runAlone(world, () => pushWhole(process, NAME, ['config', 'layer'], 'latest'));
    await runAlone(world, () => pushContent(process, NAME, 'other layer'));
    await runAlone(world, () => deleteWhole(process, NAME, manifest));
    await runAlone(world, () => process.names.flush());
    world.scheduler.advance(2 * GRACE);
  });
  afterEach(() => world.close());

  /** Looks at what a power loss would leave, after each step. */
  const noneDanglesDuring = async (call: (process: CollectionProcess) => Promise<unknown>): Promise<void> => {
    const driven = await DrivenCall.begin(world, process, call);
    const before = durable.copies;
    do expect(await durable.dangling()).toEqual([]);
    while (await driven.step());
    expect(driven.failure).toBeUndefined();
    expect(durable.copies).toBeGreaterThan(before);
  };

  it('brings no link back whose bytes are gone, whenever it comes in a collection', async () => {
    await noneDanglesDuring(collect);
    expect(await world.driver.stat(blobPath(blobOf('config').digest))).toBeUndefined();
  });

  it('nor in the removal of a content whose link went in the same moment', async () => {
    const digest = blobOf('other layer').digest;
    const pushed = await world.start();
    await runAlone(world, () => collect(pushed));
    await runAlone(world, () => pushContent(process, NAME, 'other layer'));
    await runAlone(world, () => process.names.flush());
    world.scheduler.advance(2 * GRACE);
    // The row of the journal is away: nothing but the removal itself waits for the disk.
    await runAlone(world, () => process.ports.blobs.unlink(repository(NAME), digest, world.scheduler.now()));
    world.raw.exec('DELETE FROM journal');
    await noneDanglesDuring(collect);
    expect(await world.driver.stat(blobPath(digest))).toBeUndefined();
  });

  it('nor in a removal that another has begun', async () => {
    const worker = await world.start();
    const driven = await DrivenCall.begin(world, worker, collect);
    const isBefore = () =>
      world.scheduler.all().some(({ life, label }) => life === worker.life && label === 'barrier.wait');
    while (!isBefore() || world.rows('SELECT 1 FROM content WHERE claim IS NOT NULL').length === 0) {
      expect(await driven.step()).toBe(true);
    }
    world.kill(worker);
    world.scheduler.advance(LEASE + 1);
    await noneDanglesDuring(collect);
  });
});

import { DatabaseSync } from '@photostructure/sqlite';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ReferenceRegistry } from '../support/reference-registry.js';
import { RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith, findTool } from '../support/tools.js';
import { CollectingProgram } from './collection-crash/collecting-program.js';
import { CRASHED_PLACES, type CrashedPlace } from './collection-crash/crashed-place.js';
import { ImageLedger, ImageWorker } from './collection-crash/image-worker.js';
import { readImages } from './collection-crash/read-images.js';
import { SeededRandom } from './crash-loop/seeded-random.js';

const ROUNDS = Number(process.env['STOWAGE_COLLECTION_ROUNDS'] ?? 6);
const WORKERS = 4;
/** ms: twice the lease of a claim, and some more. */
const SWEPT_WITHIN = 300_000;
const PATIENCE = 300_000 + SWEPT_WITHIN;

for (const { called, needs, ...place } of CRASHED_PLACES) {
  describeWith(needs, `collection in ${called} with kill -9 of everybody`, () =>
    collectionUnderCrashes(place.use()),
  );
}

function collectionUnderCrashes(place: CrashedPlace): void {
  let temp: TempDir;
  let registry: RunningRegistry;
  const stop = { now: new AbortController() };

  beforeEach(async () => {
    temp = await makeTempDir();
    const gc = { grace: '1s', interval: '100ms', pause: '0s' };
    registry = await RunningRegistry.start({
      folder: temp.path,
      settings: { ...place.settings(temp.path), gc },
    });
    stop.now = new AbortController();
  });
  afterEach(async () => {
    stop.now.abort();
    await registry.stop();
    await temp.remove();
  });

  /** `gc` again and again, each time with other options, and killed before its end half of the time. */
  const collectMeanwhile = async (random: SeededRandom, until: AbortSignal): Promise<string[]> => {
    const complaints: string[] = [];
    while (!until.aborted) {
      const untagged = random.int(2) === 0 ? ['--delete-untagged'] : [];
      const gc = new CollectingProgram(temp.path, ['--quiet', '--grace', '0', ...untagged]);
      if (random.int(2) === 0) {
        await Promise.race([sleep(150 + random.int(800)), gc.ended()]);
        gc.kill9();
      }
      const code = await gc.ended();
      if (code !== undefined && code !== 0) complaints.push(`gc ended with ${code}: ${gc.printed}`);
    }
    return complaints;
  };

  /** As if everybody who was killed had been dead for long: claims have run out. */
  const passTime = async (): Promise<void> => {
    const database = new DatabaseSync(place.database(temp.path));
    database.exec('UPDATE content SET claimed_until = 1 WHERE claimed_until IS NOT NULL');
    // What waited for a link file of a process that was killed is looked at again after a minute.
    database.exec('UPDATE content SET review_after = 1 WHERE review_after IS NOT NULL');
    database.close();
  };

  it('keeps what was acknowledged, and at last nothing else', { timeout: PATIENCE }, async () => {
    const seed = randomUUID();
    const random = new SeededRandom(seed);
    const ledger = new ImageLedger();
    const workers = Array.from(
      { length: WORKERS },
      (_, at) => new ImageWorker(registry.port, `team/worker${at}`, ledger, `${seed} ${at}`),
    );
    const load = Promise.allSettled(workers.map((worker) => worker.run(stop.now.signal)));
    const collecting = collectMeanwhile(random, stop.now.signal);
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(2_000 + random.int(2_500));
      await registry.kill9();
      await registry.start();
    }
    stop.now.abort();
    const failures = (await load).flatMap((each) =>
      each.status === 'rejected' ? [String(each.reason)] : [],
    );
    expect(failures, `seed ${seed}`).toEqual([]);
    expect(await collecting, `seed ${seed}`).toEqual([]);
    expect((await readImages(registry.client, ledger)).complaints, `seed ${seed}`).toEqual([]);
    expect(ledger.pushed).toBeGreaterThan(50);
    expect(ledger.deleted).toBeGreaterThan(5);
    await expectNothingElse(ledger, seed);
  });

  const expectNothingElse = async (ledger: ImageLedger, seed: string): Promise<void> => {
    await registry.stop();
    await passTime();
    const last = new CollectingProgram(temp.path, ['--delete-untagged', '--grace', '0']);
    expect(await last.ended(), last.printed).toBe(0);
    await registry.start();
    const { complaints, reached } = await readImages(registry.client, ledger);
    expect(complaints, `seed ${seed}`).toEqual([]);
    const stored = await place.blobs(temp.path);
    expect([...reached].filter((digest) => !stored.includes(digest))).toEqual([]);
    // What was placed after its reservation had run out is left to a scan of the tree.
    const left = stored.filter((digest) => !reached.has(digest) && !ledger.cut.has(digest));
    expect(left, `seed ${seed}`).toEqual([]);
    // Who was killed after its rows were gone has left its fence to the sweep, which waits for two leases.
    await expect.poll(() => place.taken(temp.path), { timeout: SWEPT_WITHIN, interval: 500 }).toEqual([]);
    await registry.stop();
    if (findTool('docker-registry') === undefined) return;
    const reference = await ReferenceRegistry.start('2.8.2', temp.path, place.bucket);
    const served = await readImages(reference.client, ledger);
    await reference.stop();
    expect(served.complaints, `seed ${seed}`).toEqual([]);
    expect([...served.reached].toSorted()).toEqual([...reached].toSorted());
  };
}

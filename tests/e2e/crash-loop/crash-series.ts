import { setTimeout as sleep } from 'node:timers/promises';
import { HttpClient } from '../../support/http-client.js';
import { RunningRegistry } from '../../support/start-registry.js';
import { Ledger } from './ledger.js';
import { LoadWorker } from './load-worker.js';
import { SeededRandom } from './seeded-random.js';
import { verifyLedger } from './verify-ledger.js';

const WORKERS = 6;

export interface SeriesReport {
  /** What was lost, wrong or half there; empty when all is well. */
  readonly complaints: readonly string[];
  /** Keys whose state was acknowledged and verified. */
  readonly blobs: number;
  readonly manifests: number;
  readonly uploads: number;
}

/**
 * One registry on `folder` through `rounds` of load, `kill -9`, restart and verification of everything since the first.
 * @param seed repeats the choices of the load; where the kill falls in it is up to the machine
 */
export async function runCrashSeries(folder: string, rounds: number, seed: string): Promise<SeriesReport> {
  const random = new SeededRandom(seed);
  const ledger = new Ledger();
  const registry = await RunningRegistry.start({ folder });
  let uploads = 0;
  try {
    for (let round = 0; round < rounds && ledger.complaints.length === 0; round += 1) {
      const workers = Array.from(
        { length: WORKERS },
        (_, index) =>
          new LoadWorker(registry.port, `round${round}/worker${index}`, ledger, `${seed}/${round}/${index}`),
      );
      const load = workers.map(async (worker) => worker.run());
      await sleep(100 + random.int(1_500));
      await registry.kill9();
      await Promise.all(load);
      uploads += ledger.uploads.size;
      if (random.int(3) === 0) await killWhileItStarts(registry, 50 + random.int(900));
      await registry.start();
      const reader = new HttpClient(registry.port);
      ledger.complaints.push(
        ...(await verifyLedger(reader, ledger)).map((complaint) => `round ${round}: ${complaint}`),
      );
      reader.close();
    }
  } finally {
    await registry.stop();
  }
  const { blobs, manifests, complaints } = ledger;
  return { complaints, blobs: blobs.keys().length, manifests: manifests.keys().length, uploads };
}

/** What cleans up after a crash may be killed itself. */
async function killWhileItStarts(registry: RunningRegistry, afterMs: number): Promise<void> {
  const started = registry.start().then(
    () => true,
    () => false,
  );
  await sleep(afterMs);
  await registry.kill9();
  if (await started) await registry.kill9();
}

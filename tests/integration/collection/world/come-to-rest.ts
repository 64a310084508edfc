import type { CollectionProcess } from './collection-process.js';
import type { CollectionWorld } from './collection-world.js';
import { QUIET_LISTENER } from './quiet-listener.js';

const NEVER = new AbortController().signal;
const LEASE = 120_000;
/** What a link file keeps is looked at again after a minute, and what goes makes something else due. */
const MOST_ROUNDS = 12;
/** Manifests are looked at only where those without a tag are removed. */
const UNSETTLED = `SELECT (SELECT count(*) FROM content WHERE review_after IS NOT NULL OR claim IS NOT NULL)
  + (SELECT count(*) FROM blob_link WHERE review_after IS NOT NULL)
  + (SELECT count(*) FROM journal) + (SELECT count(*) FROM waiting_bytes) + (SELECT count(*) FROM upload) AS unsettled`;

/** Lets every grace and every lease run out, and collects until nothing is due; what waits for a request as well. */
export async function comeToRest(world: CollectionWorld, untagged: boolean): Promise<void> {
  world.model.untouchable.clear();
  world.raw.exec('DELETE FROM unreadable');
  const [collector] = world.processes;
  if (collector === undefined) throw new Error('there is no process');
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const isSettled = unsettledRows(world) === 0;
    world.scheduler.advance(2 * world.model.rules.grace + 3 * LEASE + 3_600_000);
    for (const process of world.processes) await runAlone(world, () => tidy(process));
    const { grace } = collector;
    const request = { grace, requested: true, untagged, batch: 100, pause: 0 };
    await runAlone(world, () => collector.collect.execute(request, QUIET_LISTENER, NEVER));
    await runAlone(world, () => collector.names.flush());
    // The last round looks once more, and sweeps what is left of others; a manifest that went makes something due again.
    if (isSettled && unsettledRows(world) === 0) return;
  }
}

/** Rows that still wait for something. */
export function unsettledRows(world: CollectionWorld): number {
  return Number(world.rows(UNSETTLED)[0]?.['unsettled']);
}

async function tidy(process: CollectionProcess): Promise<void> {
  await process.names.flush();
  await process.replayNames.execute();
  await process.purgeUploads.execute();
  await process.forgetUploads.execute();
}

/** Lets one call run to its end, and whatever it waits for. */
export async function runAlone<T>(world: CollectionWorld, call: () => Promise<T>): Promise<T> {
  const { scheduler } = world;
  const running = { ended: false };
  const result = call().finally(() => {
    running.ended = true;
  });
  // Its rejection is awaited below, but may come before that.
  result.catch(() => undefined);
  await scheduler.settle();
  while (!running.ended) {
    const [next] = scheduler.all().toSorted((one, other) => one.wakeAt - other.wakeAt);
    if (next === undefined) throw new Error('it waits for nothing and does not end');
    scheduler.advance(Math.max(0, next.wakeAt - scheduler.now()));
    await scheduler.resume(next);
  }
  return result;
}

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes of both its halves. */
const ENOUGH = 16 * 1024 * 1024;
/** How often (ms) it is looked at until it has so many. */
const LOOK_EVERY = 100;

/**
 * V8 doubles its young generation in a burst, up to 32 MiB, and never halves it under load. It is kept from growing at half
 * of that, on which manifests are served and images pushed as fast. Each thread that begins makes V8 forget what was set, for
 * the whole process. For the life of the process.
 */
export function boundYoungGeneration(): void {
  const look = setInterval(() => {
    const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if (space === undefined || space.space_size < ENOUGH) return;
    clearInterval(look);
    stopGrowth();
    process.on('worker', (worker) => worker.once('online', stopGrowth));
  }, LOOK_EVERY);
  look.unref();
}

function stopGrowth(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

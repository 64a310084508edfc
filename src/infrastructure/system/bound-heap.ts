import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const MIB = 1024 * 1024;
/** Bytes of both halves of the young generation from which it does not grow. */
const YOUNG_ENOUGH = 16 * MIB;
const YOUNG_ENOUGH_OF_LARGE = 4 * MIB;
/** Bytes of the rest of the heap: more than a registry needs that pushes and serves what it can. */
const LARGE = 36 * MIB;

/**
 * Keeps the heap smaller than V8 would, at no price where it is small. For the life of the process.
 *  - V8 doubles its young generation in a burst, up to 32 MiB. It is kept from growing at half of that, on which manifests
 *    are served and images pushed as fast.
 *  - While the heap is large, as with thousands of slow clients, V8 is told to prefer memory to speed: it closes the gaps that
 *    garbage has left (15 of 73 MiB with 2,000 of them), and makes the young generation smaller. At all times it would cost
 *    3 % of pushes.
 *
 * Both are flags that V8 looks at when it collects: they are set behind each collection for the next one.
 */
export function boundHeap(): void {
  new PerformanceObserver(setFlags).observe({ entryTypes: ['gc'] });
  // Each thread that begins makes V8 forget the first.
  process.on('worker', (worker) => worker.once('online', setFlags));
}

function setFlags(): void {
  const spaces = getHeapSpaceStatistics();
  const young = spaces.find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
  const isLarge = spaces.reduce((sum, { space_size: bytes }) => sum + bytes, -young) > LARGE;
  const mayGrow = young < (isLarge ? YOUNG_ENOUGH_OF_LARGE : YOUNG_ENOUGH);
  setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
  setFlagsFromString(isLarge ? '--optimize-for-size' : '--no-optimize-for-size');
}

import { setTimeout as sleep } from 'node:timers/promises';
import { MixedLoad } from '../load/mixed.js';
import { residentMegabytes } from '../registries/process-figures.js';
import { median, type Row } from './row.js';
import type { Measure } from './bench.js';

const CLIENTS = 4;
const SETTINGS = ['gc:', '  interval: 5s', '  grace: 30s', '  untagged:', '    enabled: true'];
/** Looks at the process in each minute; what is printed is their median. */
const LOOKS = 12;
const MINUTE = 60_000;
const NO_GROWTH = { kind: 'ratio at most', value: 1.1 } as const;

/** MB resident, minute by minute. @throws what ends the load */
async function watch(
  pid: number,
  load: Promise<void>,
  minutes: number,
  done: () => number,
): Promise<number[]> {
  const found: number[] = [];
  const looking = async (): Promise<void> => {
    for (let minute = 1; minute <= minutes; minute++) {
      const looks: number[] = [];
      for (let look = 0; look < LOOKS; look++) {
        await sleep(MINUTE / LOOKS);
        looks.push(residentMegabytes(pid));
      }
      found.push(median(looks));
      console.error(
        `  minute ${minute}: ${median(looks).toFixed(1)} MB resident, ${done()} parts of the load done`,
      );
    }
  };
  await Promise.all([load, looking()]);
  return found;
}

/** The first minutes, in which caches fill, count as well: a quarter of an hour is long enough for them. */
function rowOf(minutes: readonly number[]): Row {
  const quarter = Math.max(1, Math.floor(minutes.length / 4));
  return {
    title: `${minutes.length} minutes of pushes, pulls, lists and deletes, with collection`,
    unit: 'MB resident',
    baseline: { name: 'Stowage, first quarter', samples: minutes.slice(0, quarter) },
    subject: { name: 'Stowage, last quarter', samples: minutes.slice(-quarter) },
    goal: NO_GROWTH,
  };
}

export const ENDURANCE: Measure = {
  name: 'endurance',
  onRequest: true,
  run: async (bench) => {
    const minutes = Math.ceil(bench.options.minutes);
    const { port, pid } = await bench.start(bench.candidate, bench.freshFolder(), true, {
      settings: SETTINGS,
    });
    const load = new MixedLoad(port);
    const running = load.run(CLIENTS, performance.now() + minutes * MINUTE);
    return [rowOf(await watch(pid, running, minutes, () => load.done))];
  },
};

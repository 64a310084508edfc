import { setTimeout as sleep } from 'node:timers/promises';
import { MixedLoad } from '../load/mixed.js';
import { residentMegabytes } from '../registries/process-figures.js';
import { median, type Row } from './row.js';
import type { Measure } from './bench.js';

const CLIENTS = 4;
const SETTINGS = [
  'gc:',
  '  interval: 5s',
  '  pause: 5ms',
  '  grace: 30s',
  '  untagged:',
  '    enabled: true',
];
/** Looks at the process in each minute; what is printed is their median. */
const LOOKS = 12;
const MINUTE = 60_000;
const NO_GROWTH = { kind: 'ratio at most', value: 1.05 } as const;

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

const QUARTERS = ['first', 'second', 'third', 'last'] as const;

/** In the first quarter caches fill up to their bounds, in the second they may still: what grows later grows for ever. */
function rowsOf(minutes: readonly number[]): Row[] {
  const length = Math.max(1, Math.floor(minutes.length / QUARTERS.length));
  const quarters = QUARTERS.map((name, at) => {
    const from = Math.min(at * length, minutes.length - length);
    return { name: `Stowage, ${name} quarter`, samples: minutes.slice(from, from + length) };
  });
  const [first, , third, last] = quarters;
  if (first === undefined || third === undefined || last === undefined) return [];
  const title = `${minutes.length} minutes of pushes, pulls, lists and deletes, with collection`;
  const row = { title, unit: 'MB resident', subject: last };
  return [
    { ...row, baseline: first },
    { ...row, baseline: third, goal: NO_GROWTH },
  ];
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
    return rowsOf(await watch(pid, running, minutes, () => load.done));
  },
};

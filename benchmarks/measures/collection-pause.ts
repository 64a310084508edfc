import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { requestHead } from '../load/connection.js';
import { makeDue, storeGarbage } from '../load/garbage.js';
import { latencies, quantile, type Repeated } from '../load/latencies.js';
import { pushSmallBlob } from '../load/push.js';
import { IMAGE_MANIFEST, pushSampleImage } from '../load/sample-image.js';
import type { Bench, Measure } from './bench.js';
import type { Goal, Row, Series } from './row.js';

const BLOB = 4096;
const SETTINGS = ['gc:', '  interval: 1s'];
const AT_MOST_DOUBLED = { kind: 'ratio at most', value: 2 } as const;
const AT_MOST_100_MS_LONGER = { kind: 'largest higher by at most', value: 100 } as const;

const LOADS = ['manifest GET by tag, 16 connections', 'push of 4 KiB blobs, 8 clients'] as const;
const FIGURES: readonly { readonly name: string; readonly share: number; readonly goal?: Goal }[] = [
  { name: 'p50', share: 0.5 },
  { name: 'p99', share: 0.99, goal: AT_MOST_DOUBLED },
  { name: 'longest', share: 1, goal: AT_MOST_100_MS_LONGER },
];

/** Of each load each figure (ms), from one window of time. */
type Window = readonly (readonly number[])[];

/** What the registry logs when a run of its collection ends. */
class CollectionLog {
  #blobs = 0;
  /** Of performance.now, at the last run that removed something. */
  endedAt = 0;

  readonly onLine = (line: string): void => {
    if (!line.includes('garbage was removed')) return;
    this.#blobs += Number(/"?blobs"?[=:]\s*"?(\d+)/.exec(line)?.[1]);
    this.endedAt = performance.now();
  };

  get blobs(): number {
    return this.#blobs;
  }
}

async function loads(port: number, seconds: number): Promise<readonly Repeated[]> {
  const { repository, tag } = await pushSampleImage(port, 'bench/pause');
  const get = requestHead('GET', `/v2/${repository}/manifests/${tag}`, { Accept: IMAGE_MANIFEST });
  return [
    {
      connections: 16,
      seconds,
      run: async (connection) => {
        const { status } = await connection.send(get, false);
        if (status !== 200) throw new Error(`${status} to a GET of a manifest`);
      },
    },
    {
      connections: 8,
      seconds,
      run: (connection) => pushSmallBlob(connection, repository, randomBytes(BLOB)),
    },
  ];
}

async function measureWindow(port: number, all: readonly Repeated[]): Promise<Window> {
  const window: number[][] = [];
  for (const load of all) {
    const took = await latencies(port, load);
    window.push(FIGURES.map(({ share }) => quantile(took, share)));
  }
  return window;
}

function rowsOf(quiet: readonly Window[], collecting: readonly Window[]): Row[] {
  const series = (name: string, windows: readonly Window[], load: number, figure: number): Series => ({
    name: `Stowage, ${name}`,
    samples: windows.map((window) => window[load]?.[figure] ?? Number.NaN),
  });
  return LOADS.flatMap((title, load) =>
    FIGURES.map(({ name, goal }, figure) => ({
      title: `${title}: ${name}`,
      unit: 'ms',
      baseline: series('nothing to collect', quiet, load, figure),
      subject: series('collecting', collecting, load, figure),
      goal,
    })),
  );
}

/** As many windows without a collection as with one, half of them before it and half behind. */
async function measureAll(bench: Bench, count: number): Promise<Row[]> {
  const folder = bench.freshFolder();
  const root = join(folder, 'data');
  const log = new CollectionLog();
  const { onLine } = log;
  const { port } = await bench.start(bench.candidate, folder, true, {
    settings: SETTINGS,
    log: 'info',
    onLine,
  });
  const all = await loads(port, bench.options.seconds);
  storeGarbage(root, count);
  spawnSync('sync'); // what made the garbage is not what is measured
  await measureWindow(port, all); // warm-up
  const quiet: Window[] = [];
  for (let round = 0; round < bench.options.rounds; round++) quiet.push(await measureWindow(port, all));
  const collecting: Window[] = [];
  makeDue(root);
  const began = performance.now();
  for (;;) {
    const window = await measureWindow(port, all);
    if (log.blobs >= count) break;
    collecting.push(window);
  }
  if (collecting.length === 0) throw new Error('the collection ended before anything was measured');
  while (quiet.length < collecting.length) quiet.push(await measureWindow(port, all));
  const seconds = (log.endedAt - began) / 1e3;
  return [
    ...rowsOf(quiet.slice(0, collecting.length), collecting),
    {
      title: `collection of ${count} blobs meanwhile, batch and pause as by default`,
      unit: 'blobs/s',
      subject: { name: bench.candidate.name, samples: [count / seconds] },
    },
    {
      title: `collection of ${count} blobs meanwhile, batch and pause as by default: time`,
      unit: 's',
      subject: { name: bench.candidate.name, samples: [seconds] },
    },
  ];
}

export const COLLECTION_PAUSE: Measure = {
  name: 'collection-pause',
  onRequest: true,
  run: (bench) => measureAll(bench, bench.options.quick ? 10_000 : 100_000),
};

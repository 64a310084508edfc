import { join } from 'node:path';
import { Connection } from '../load/connection.js';
import { pushFreshImage } from '../load/fresh-image.js';
import { storeImages } from '../load/stored-images.js';
import { runCommand } from '../registries/command.js';
import type { RunningRegistry } from '../registries/running-registry.js';
import type { Bench, Measure } from './bench.js';
import type { Row, Series } from './row.js';

const FEW = 100;
const MANY = 100_000;
const DELETED = 100;
/** Manifest, config and five layers. */
const FILES_OF_AN_IMAGE = 7;
const AT_MOST_DOUBLED = { kind: 'ratio at most', value: 2 } as const;

const FIGURES = [
  { title: 'the collection itself', unit: 'ms' },
  { title: 'the whole command beside a registry', unit: 'ms' },
  { title: 'CPU, without what a command costs that finds nothing', unit: 'ms' },
] as const;

interface Side {
  readonly registry: RunningRegistry;
  readonly folder: string;
  readonly stored: number;
  readonly rounds: (readonly number[])[];
}

/** What `gc --json` prints last. */
interface Summary {
  readonly summary: { readonly seconds: number; readonly blobs: { readonly count: number } };
}

/** Its rows are made while it runs: it has compared the tree by then, in which there are none of their files. */
async function prepare(bench: Bench, stored: number): Promise<Side> {
  const folder = bench.freshFolder();
  const settings = ['gc:', '  enabled: false'];
  const registry = await bench.start(bench.candidate, folder, true, { settings });
  const connection = await Connection.open(registry.port);
  await pushFreshImage(connection); // the media type of the others
  connection.close();
  storeImages(join(folder, 'data'), { repositories: stored, images: 1, tagged: true });
  return { registry, folder, stored, rounds: [] };
}

async function pushAndDelete(port: number): Promise<void> {
  const connection = await Connection.open(port);
  for (let image = 0; image < DELETED; image++) {
    const { repository, digest } = await pushFreshImage(connection);
    const { status } = await connection.request('DELETE', `/v2/${repository}/manifests/${digest}`);
    if (status !== 202) throw new Error(`${status} to the DELETE of a manifest`);
  }
  connection.close();
}

async function collect(bench: Bench, folder: string, expected: number) {
  const words = ['gc', '--grace', '0', '--quiet', '--json', join(folder, 'config.yml')];
  const { printed, seconds, cpu } = await runCommand(bench.candidate, words);
  const { summary } = JSON.parse(printed) as Summary;
  if (summary.blobs.count !== expected)
    throw new Error(`${summary.blobs.count} of ${expected} files removed`);
  return { own: summary.seconds * 1e3, whole: seconds * 1e3, cpu: cpu * 1e3 };
}

/** One value for each figure. */
async function sample(bench: Bench, { registry, folder }: Side): Promise<readonly number[]> {
  const nothing = await collect(bench, folder, 0);
  await pushAndDelete(registry.port);
  const { own, whole, cpu } = await collect(bench, folder, DELETED * FILES_OF_AN_IMAGE);
  return [own, whole, cpu - nothing.cpu];
}

function rowsOf([few, many]: readonly [Side, Side]): Row[] {
  const series = ({ stored, rounds }: Side, at: number): Series => ({
    name: `Stowage, ${stored} repositories`,
    samples: rounds.map((values) => values[at] ?? Number.NaN),
  });
  return FIGURES.map(({ title, unit }, at) => ({
    title: `collection of ${DELETED} deleted images: ${title}`,
    unit,
    baseline: series(few, at),
    subject: series(many, at),
    goal: AT_MOST_DOUBLED,
  }));
}

export const COLLECTION_CHURN: Measure = {
  name: 'collection-churn',
  onRequest: true,
  run: async (bench) => {
    const sides = [
      await prepare(bench, FEW),
      await prepare(bench, bench.options.quick ? MANY / 10 : MANY),
    ] as const;
    for (let round = -1; round < bench.options.rounds; round++) {
      for (const side of sides) {
        const values = await sample(bench, side);
        if (round >= 0) side.rounds.push(values);
      }
    }
    await bench.stopAll();
    return rowsOf(sides);
  },
};

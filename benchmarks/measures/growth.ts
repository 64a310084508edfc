import { AXES, type Axis } from '../growth/axes.js';
import { costs } from '../growth/cost.js';
import { growFolder, startCompared } from '../growth/grow-registry.js';
import { operationsOf, type Operation } from '../growth/operations.js';
import { Connection } from '../load/connection.js';
import { sha256 } from '../load/content.js';
import { expectStatus } from '../load/push.js';
import type { RunningRegistry } from '../registries/running-registry.js';
import type { Bench, Measure } from './bench.js';
import { tables } from '../report/table.js';
import type { Row } from './row.js';

const SMALLEST = 100;
const FLAT = { kind: 'ratio at most', value: 1.5 } as const;
/** One sample is so much shorter than one of a rate: there are hundreds. */
const PART = 1 / 8;

interface Grown {
  readonly axis: Axis;
  readonly count: number;
  readonly registry: RunningRegistry;
}

interface Line {
  readonly title: string;
  readonly unit: string;
  readonly isHeldFlat: boolean;
  /** Of each size, from the smallest on, the rounds. */
  readonly samples: readonly (readonly number[])[];
}

/** 100, 1,000 and so on. */
function sizesUpTo(largest: number): readonly number[] {
  const sizes = [SMALLEST];
  for (let size = SMALLEST * 10; size <= largest; size *= 10) sizes.push(size);
  return sizes;
}

/** All sizes in turn with each operation; a first round warms up. */
async function measureOperations(bench: Bench, all: readonly Grown[]): Promise<readonly Line[]> {
  const seconds = bench.options.seconds * PART;
  const sides = all.map(({ axis, count, registry }) => ({ registry, operations: operationsOf(axis, count) }));
  const first = sides[0]?.operations ?? [];
  const samples: number[][][] = first.map(() => sides.map(() => []));
  for (let round = -1; round < bench.options.rounds; round++) {
    for (const at of first.keys()) {
      const subjects = sides.flatMap(({ registry, operations }) => {
        const operation = operations[at];
        return operation === undefined ? [] : [{ registry, operation }];
      });
      const found = await costs(subjects, seconds);
      if (round >= 0) for (const [side, cost] of found.entries()) samples[at]?.[side]?.push(cost);
    }
  }
  return first.map((operation, at) => lineOf(operation, samples[at] ?? []));
}

function lineOf({ title, unit, cold }: Operation, samples: readonly (readonly number[])[]): Line {
  return { title, unit, isHeldFlat: !cold, samples };
}

/** Once more on each folder in each round; what is compared in the background is left to the last start. */
async function grownAndStarts(
  bench: Bench,
  axis: Axis,
  sizes: readonly number[],
): Promise<{ readonly all: readonly Grown[]; readonly starts: Line }> {
  const folders: string[] = [];
  for (const size of sizes) {
    console.error(`  ${axis.name}: ${size} ...`);
    folders.push(await growFolder(bench, axis, size));
  }
  const samples: number[][] = sizes.map(() => []);
  for (let round = 0; round < bench.options.rounds; round++) {
    for (const [at, folder] of folders.entries()) {
      const registry = await bench.start(bench.candidate, folder);
      samples[at]?.push(registry.startedInMs);
      await bench.stop(registry);
    }
  }
  const all: Grown[] = [];
  for (const [at, folder] of folders.entries()) {
    all.push({ axis, count: sizes[at] ?? 0, registry: await startCompared(bench, folder) });
  }
  return { all, starts: { title: 'start to the first answer', unit: 'ms', isHeldFlat: true, samples } };
}

/** It takes all that refer to it along: at the end, and once. */
async function subjectLines(all: readonly Grown[]): Promise<readonly Line[]> {
  const samples: number[][] = [];
  for (const { axis, registry } of all) {
    if (axis.subject === undefined) return [];
    const { repository, value } = axis.subject;
    const connection = await Connection.open(registry.port);
    const path = `/v2/${repository}/manifests/${sha256(value.bytes)}`;
    const before = performance.now();
    expectStatus('DELETE', await connection.request('DELETE', path), 202);
    samples.push([performance.now() - before]);
    connection.close();
  }
  return [{ title: 'DELETE of the subject, answered', unit: 'ms', isHeldFlat: true, samples }];
}

function rowsOf(axis: Axis, sizes: readonly number[], { title, unit, isHeldFlat, samples }: Line): Row[] {
  const series = (at: number) => ({ name: String(sizes[at]), samples: samples[at] ?? [] });
  return sizes.slice(1).map((size, before) => ({
    title: `${axis.name}: ${title}`,
    unit,
    size,
    baseline: series(0),
    subject: series(before + 1),
    goal: isHeldFlat ? FLAT : undefined,
  }));
}

export const GROWTH: Measure = {
  name: 'growth',
  onRequest: true,
  run: async (bench) => {
    const sizes = sizesUpTo(bench.options.largest);
    const rows: Row[] = [];
    for (const axis of AXES) {
      const { all, starts } = await grownAndStarts(bench, axis, sizes);
      const lines = [starts, ...(await measureOperations(bench, all)), ...(await subjectLines(all))];
      await bench.stopAll();
      const found = lines.flatMap((line) => rowsOf(axis, sizes, line));
      console.error(tables(found));
      rows.push(...found);
    }
    return rows;
  },
};

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ADOPTION } from './measures/adoption.js';
import { Bench, type Measure } from './measures/bench.js';
import { CEILING } from './measures/ceiling.js';
import { COLLECTION_CHURN } from './measures/collection-churn.js';
import { COLLECTION_PAUSE } from './measures/collection-pause.js';
import { COLLECTION_REFERENCE } from './measures/collection-reference.js';
import { COLLECTION_REHEARSAL } from './measures/collection-rehearsal.js';
import { FEATURES } from './measures/features.js';
import { GROWTH } from './measures/growth.js';
import { LARGE_BLOBS } from './measures/large-blobs.js';
import { LISTS } from './measures/lists.js';
import { MEMORY, OBJECT_STORE_MEMORY } from './measures/memory.js';
import { OBJECT_STORE } from './measures/object-store.js';
import { READS } from './measures/reads.js';
import { IMAGES, SMALL_BLOBS } from './measures/small-pushes.js';
import { START } from './measures/start.js';
import { parseOptions, USAGE, type Options } from './options.js';
import { candidateAt, findReference } from './registries/program.js';
import { Disturbance } from './report/disturbance.js';
import { type Figures, KeptFigures } from './report/kept-figures.js';
import { describeMachine, type Machine } from './report/machine.js';
import { performancePage } from './report/performance-page.js';
import { tables } from './report/table.js';

const MEASURES: readonly Measure[] = [
  CEILING,
  ...READS,
  SMALL_BLOBS,
  IMAGES,
  ...LARGE_BLOBS,
  LISTS,
  START,
  ADOPTION,
  FEATURES,
  MEMORY,
  OBJECT_STORE,
  OBJECT_STORE_MEMORY,
  COLLECTION_PAUSE,
  COLLECTION_CHURN,
  COLLECTION_REHEARSAL,
  COLLECTION_REFERENCE,
  GROWTH,
];

function chosen(names: readonly string[]): readonly Measure[] {
  const unknown = names.filter((name) => !MEASURES.some((measure) => measure.name === name));
  if (unknown.length === 0) {
    return MEASURES.filter(({ name, onRequest = false }) =>
      names.length === 0 ? !onRequest : names.includes(name),
    );
  }
  throw new Error(
    `no such measure: ${unknown.join(', ')}; there are ${MEASURES.map(({ name }) => name).join(', ')}`,
  );
}

/** A measure that fails is told and does not keep the others from running. */
async function runAll(
  bench: Bench,
  measures: readonly Measure[],
  machine: Machine,
): Promise<{ found: Figures[]; failures: string[] }> {
  const found: Figures[] = [];
  const failures: string[] = [];
  const { rounds } = bench.options;
  for (const measure of measures) {
    const { name } = measure;
    console.error(`measuring ${name} ...`);
    const disturbed = new Disturbance();
    try {
      const rows = await measure.run(bench);
      await bench.stopAll();
      found.push({ measure: name, machine, rounds, disturbance: disturbed.share(), rows });
      console.error(tables(rows));
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      console.error(failures.at(-1));
    } finally {
      await bench.stopAll();
    }
  }
  return { found, failures };
}

/** What was found, also where nobody asked for the page. */
function report({ found, failures }: { found: readonly Figures[]; failures: readonly string[] }): void {
  mkdirSync('reports', { recursive: true });
  writeFileSync('reports/bench.json', `${JSON.stringify({ found, failures }, undefined, 2)}\n`);
  console.log(`${tables(found.flatMap(({ rows }) => rows))}\n`);
  for (const { measure, disturbance } of found) {
    console.log(
      `${measure}: other programs used ${Math.round(disturbance * 100)} % of the machine meanwhile.`,
    );
  }
  for (const failure of failures) console.log(`failed: ${failure}`);
}

function writePage(found: readonly Figures[]): void {
  const kept = new KeptFigures('docs/performance.json').replace(
    found,
    MEASURES.map(({ name }) => name),
  );
  writeFileSync('docs/performance.md', performancePage(kept));
}

async function main(options: Options): Promise<boolean> {
  const measures = chosen(options.measures);
  const folder = mkdtempSync(join(options.folder, 'stowage-bench-'));
  const reference = findReference();
  if (reference === undefined) console.error('No reference registry here: absolute figures only, no ratios.');
  const machine = describeMachine(folder, reference);
  const bench = new Bench(options, folder, candidateAt(resolve(options.candidate)), reference);
  const leaveNothing = (): void => {
    bench.killAll();
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  };
  process.once('SIGINT', leaveNothing);
  process.once('SIGTERM', leaveNothing);
  try {
    const { found, failures } = await runAll(bench, measures, machine);
    report({ found, failures });
    if (options.write && options.quick) {
      console.log('docs/performance.md is not written from a trial (--quick).');
    } else if (options.write) writePage(found);
    return failures.length === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runFromCommandLine(args: string[]): Promise<void> {
  if (args.includes('--help')) {
    console.log(USAGE);
    return;
  }
  try {
    process.exitCode = (await main(parseOptions(args, tmpdir()))) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}

await runFromCommandLine(process.argv.slice(2));

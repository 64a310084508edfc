import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Bench, type Measure } from './measures/bench.js';
import { chosen, MEASURES } from './measures/measures.js';
import { parseOptions, USAGE, type Options } from './options.js';
import { candidateAt, findReference } from './registries/program.js';
import { Disturbance } from './report/disturbance.js';
import { type Figures, KeptFigures } from './report/kept-figures.js';
import { describeMachine, type Machine } from './report/machine.js';
import { performancePage } from './report/performance-page.js';
import { tables } from './report/table.js';

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

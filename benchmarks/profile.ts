import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Bench } from './measures/bench.js';
import { chosen } from './measures/measures.js';
import { parseOptions, USAGE } from './options.js';
import { aligned } from './report/aligned.js';
import { busyTime, selfTimes, type CpuProfile, type SelfTime } from './report/self-times.js';

const MOST = 30;
const REPORTS = 'reports';

interface Profile {
  readonly path: string;
  readonly times: readonly SelfTime[];
}

/** One for each thread of each process that has ended well, the busiest first. */
function readProfiles(folder: string): readonly Profile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => join(folder, name))
    .map((path) => ({ path, times: selfTimes(JSON.parse(readFileSync(path, 'utf8')) as CpuProfile) }))
    .toSorted((a, b) => busyTime(b.times) - busyTime(a.times));
}

function tableOf({ times }: Profile): string {
  const busy = busyTime(times);
  const lines = times
    .slice(0, MOST)
    .map(({ name, place, time }) => [time.toFixed(1), `${((time * 100) / busy).toFixed(1)} %`, name, place]);
  return aligned([['self ms', 'of busy', 'function', 'place'], ...lines]);
}

/** Runs one measure with the program alone, and every process of it under the profiler of Node. */
async function profile(args: string[]): Promise<void> {
  const options = parseOptions(args, tmpdir());
  const [measure, ...more] = chosen(options.measures);
  if (options.measures.length === 0 || measure === undefined || more.length > 0) {
    throw new Error('say which one measure is to be profiled');
  }
  const folder = mkdtempSync(join(options.folder, 'stowage-profile-'));
  const profiles = join(folder, 'profiles');
  const program = {
    name: 'Stowage',
    command: process.execPath,
    leading: ['--cpu-prof', `--cpu-prof-dir=${profiles}`, resolve(options.candidate)],
  };
  const bench = new Bench(options, folder, program, undefined);
  try {
    await measure.run(bench);
    await bench.stopAll();
    const [busiest, ...others] = readProfiles(profiles);
    if (busiest === undefined) throw new Error(`${measure.name} left no profile`);
    mkdirSync(REPORTS, { recursive: true });
    const kept = join(REPORTS, `${measure.name}.cpuprofile`);
    copyFileSync(busiest.path, kept);
    console.log(`${tableOf(busiest)}\n`);
    console.log(`${kept}: ${Math.round(busyTime(busiest.times))} ms busy; other threads and processes:`);
    console.log(others.map(({ times }) => `${Math.round(busyTime(times))} ms`).join(', ') || 'none');
  } finally {
    await bench.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runFromCommandLine(args: string[]): Promise<void> {
  if (args.includes('--help')) {
    console.log(`npm run profile -- <measure> [options], with the options of\n\n${USAGE}`);
    return;
  }
  try {
    await profile(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}

await runFromCommandLine(process.argv.slice(2));

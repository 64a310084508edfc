import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench } from '../measures/bench.js';
import type { RunningRegistry } from '../registries/running-registry.js';
import type { Axis } from './axes.js';

const run = promisify(execFile);
const GROW = fileURLToPath(new URL('grow-process.js', import.meta.url));
const COMPARED = 'tree was compared with the database';
/** What it would say if it did not take the database for what the tree says. */
const DIFFERENT = /took in what another|gone from the storage|tree and database differ/;

/**
 * The folder of a registry that has `count` things of an axis. Its database is made by the program and filled with rows; the
 * rest is as after a run that has ended well.
 */
export async function growFolder(bench: Bench, axis: Axis, count: number): Promise<string> {
  const folder = bench.freshFolder();
  await bench.stop(await bench.start(bench.candidate, folder));
  await run(process.execPath, [GROW, join(folder, 'data'), axis.name, String(count)]);
  return folder;
}

/**
 * Resolves when the registry has looked for changes everywhere.
 * @throws Error when it has found some
 */
export async function startCompared(bench: Bench, folder: string): Promise<RunningRegistry> {
  let onLine: (line: string) => void = () => undefined;
  const compared = new Promise<void>((resolve, reject) => {
    onLine = (line) => {
      if (line.includes(COMPARED)) resolve();
      else if (DIFFERENT.test(line)) reject(new Error(`the registry was not taken as it was grown: ${line}`));
    };
  });
  const [registry] = await Promise.all([
    bench.start(bench.candidate, folder, true, { log: 'info', onLine: (line) => onLine(line) }),
    compared,
  ]);
  return registry;
}

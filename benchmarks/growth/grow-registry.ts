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

export interface Grown {
  readonly axis: Axis;
  readonly count: number;
  readonly registry: RunningRegistry;
}

/**
 * A registry that has `count` things of an axis and runs. Its database is made by the program, filled with rows, and given
 * back to the program as after a run that has ended well. Resolves when it has looked for changes everywhere.
 */
export async function growRegistry(bench: Bench, axis: Axis, count: number): Promise<Grown> {
  const folder = bench.freshFolder();
  await bench.stop(await bench.start(bench.candidate, folder));
  await run(process.execPath, [GROW, join(folder, 'data'), axis.name, String(count)]);
  let onLine: (line: string) => void = () => undefined;
  const compared = new Promise<void>((resolve, reject) => {
    onLine = (line) => {
      if (line.includes(COMPARED)) resolve();
      else if (DIFFERENT.test(line)) reject(new Error(`the grown registry is not taken as it is: ${line}`));
    };
  });
  const registry = await bench.start(bench.candidate, folder, true, {
    level: 'info',
    onLine: (line) => onLine(line),
  });
  await compared;
  return { axis, count, registry };
}

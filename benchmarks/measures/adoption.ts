import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateTree, type GeneratedCounts } from '../load/generate-tree.js';
import { peakMegabytes } from '../registries/process-figures.js';
import type { Program } from '../registries/program.js';
import { RunningRegistry, spawnRegistry } from '../registries/running-registry.js';
import type { Bench, Measure } from './bench.js';

const HALF_AN_HOUR = 1_800_000;

/** What `index rebuild --json` prints. */
interface Rebuilt {
  readonly damages: readonly unknown[];
  readonly counts: GeneratedCounts;
  readonly seconds: number;
}

function generate(root: string, quick: boolean): GeneratedCounts {
  const size = quick
    ? { repositories: 500, tags: 5_000, blobs: 10_000 }
    : { repositories: 10_000, tags: 100_000, blobs: 200_000 };
  return generateTree(root, size);
}

/** Makes the database from the tree. @throws Error when something of the tree is not in it */
async function rebuild(
  program: Program,
  root: string,
  expected: GeneratedCounts,
): Promise<{ readonly seconds: number; readonly rows: number; readonly peak: number }> {
  const words = [...program.leading, 'index', 'rebuild', '--root', root, '--json'];
  const child = spawn(program.command, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const printed = text(child.stdout);
  let peak = 0;
  const watching = setInterval(() => {
    if (existsSync(`/proc/${child.pid}/status`)) peak = peakMegabytes(child.pid ?? 0);
  }, 100);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(watching);
  if (code !== 0) throw new Error(`index rebuild ended with ${code}`);
  const { counts, damages, seconds } = JSON.parse(await printed) as Rebuilt;
  for (const kind of ['repositories', 'manifests', 'tags'] as const) {
    if (counts[kind] !== expected[kind]) throw new Error(`${counts[kind]} ${kind} of ${expected[kind]}`);
  }
  if (damages.length > 0) throw new Error(`${damages.length} damages in a whole tree`);
  return { seconds, rows: counts.blobs + counts.links + counts.manifests + counts.tags, peak };
}

/** Kills a first start when it is half done. @returns seconds from the second start to its first answer */
async function startAgain(bench: Bench, folder: string, seconds: number): Promise<number> {
  const setup = { folder, port: bench.takePort(), cache: true, patience: HALF_AN_HOUR };
  const first = spawnRegistry(bench.candidate, setup);
  await sleep(seconds * 500);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const registry = await RunningRegistry.start(bench.candidate, setup);
  await registry.stop();
  return registry.startedInMs / 1e3;
}

export const ADOPTION: Measure = {
  name: 'adoption',
  run: async (bench) => {
    const folder = bench.freshFolder();
    const root = join(folder, 'data');
    const expected = generate(root, bench.options.quick);
    const { seconds } = await rebuild(bench.candidate, root, expected); // the cache is cold
    const rounds = [];
    for (let round = 0; round < bench.options.rounds; round++) {
      rounds.push(await rebuild(bench.candidate, root, expected));
    }
    const stowage = join(root, 'stowage');
    rmSync(stowage, { recursive: true });
    const again = await startAgain(bench, folder, seconds);
    const series = (samples: readonly number[]) => ({ name: bench.candidate.name, samples });
    const of = `${expected.repositories} repositories`;
    return [
      {
        title: `taking over a tree of ${of}`,
        unit: 'rows/s',
        subject: series(rounds.map(({ rows, seconds: took }) => rows / took)),
        goal: { kind: 'at least', value: 5_000 },
      },
      {
        title: `taking over a tree of ${of}: peak`,
        unit: 'MB resident',
        subject: series(rounds.map(({ peak }) => peak)),
        goal: { kind: 'never above', value: 300 },
      },
      {
        title: `start on a tree of ${of} after a kill half-way`,
        unit: 's',
        subject: series([again]),
        goal: { kind: 'at most', value: seconds },
      },
    ];
  },
};

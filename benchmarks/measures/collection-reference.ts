import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateTree } from '../load/generate-tree.js';
import { runCommand } from '../registries/command.js';
import { findReferences, type Program } from '../registries/program.js';
import { writeConfiguration } from '../registries/running-registry.js';
import { versionOf } from '../report/machine.js';
import type { Bench, Measure } from './bench.js';
import type { Row } from './row.js';

const MOST_ROUNDS = 3;

interface Side {
  readonly name: string;
  readonly program: Program;
  readonly command: string;
  readonly prepare?: (root: string) => Promise<unknown>;
  readonly seconds: number[];
}

function sidesOf({ candidate }: Bench): readonly Side[] {
  const rebuild = (root: string) => runCommand(candidate, ['index', 'rebuild', '--root', root, '--json']);
  const references = findReferences().map((program) => ({
    name: `reference ${versionOf(program)}`,
    program,
    command: 'garbage-collect',
    seconds: [],
  }));
  const ours = { program: candidate, command: 'gc' };
  return [
    ...references,
    { ...ours, name: 'Stowage, the tree not taken over yet', seconds: [] },
    { ...ours, name: 'Stowage', prepare: rebuild, seconds: [] },
  ];
}

function countFiles(root: string): number {
  const blobs = join(root, 'docker/registry/v2/blobs');
  return readdirSync(blobs, { recursive: true }).filter((path) => String(path).endsWith('/data')).length;
}

/** From a cold start of the program, on a copy of the tree. @returns files that are left */
async function collect(bench: Bench, side: Side, tree: string): Promise<number> {
  const folder = bench.freshFolder();
  const root = join(folder, 'data');
  const copied = spawnSync('cp', ['-a', tree, root]);
  if (copied.status !== 0) throw new Error(`the tree was not copied: ${copied.stderr.toString()}`);
  await side.prepare?.(root);
  const config = writeConfiguration({ folder, port: bench.takePort(), cache: false });
  spawnSync('sync'); // the copy is not what is measured
  const { seconds } = await runCommand(side.program, [side.command, config], 'ignore');
  side.seconds.push(seconds);
  const left = countFiles(root);
  rmSync(folder, { recursive: true });
  return left;
}

/** Each of ours against each of the references. */
function rowsOf(sides: readonly Side[], title: string): Row[] {
  const series = ({ name, seconds: samples }: Side) => ({ name, samples });
  const ours = sides.filter(({ command }) => command === 'gc');
  const references = sides.filter(({ command }) => command !== 'gc');
  const against = references.length === 0 ? [undefined] : references;
  return ours.flatMap((side) =>
    against.map((reference) => ({
      title,
      unit: 's',
      subject: series(side),
      baseline: reference && series(reference),
    })),
  );
}

export const COLLECTION_REFERENCE: Measure = {
  name: 'collection-reference',
  onRequest: true,
  run: async (bench) => {
    const scale = bench.options.quick ? 0.1 : 1;
    const loose = 14;
    const size = { repositories: 2_000 * scale, tags: 20_000 * scale, blobs: 54_000 * scale, loose };
    const tree = join(bench.freshFolder(), 'data');
    const { manifests, blobs } = generateTree(tree, size);
    const garbage = size.repositories * loose;
    const sides = sidesOf(bench);
    for (let round = 0; round < Math.min(MOST_ROUNDS, bench.options.rounds); round++) {
      const left: number[] = [];
      for (const side of sides) left.push(await collect(bench, side, tree));
      if (new Set(left).size > 1 || Math.max(...left) > blobs - garbage) {
        const found = sides.map(({ name }, at) => `${name}: ${left[at]}`);
        throw new Error(`files that are left of ${blobs}: ${found.join(', ')}`);
      }
    }
    const of = `${size.repositories} repositories, ${manifests} manifests, ${blobs} blobs`;
    return rowsOf(sides, `collection of ${of}, of which ${garbage} are garbage`);
  },
};

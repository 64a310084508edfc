import { runCommand } from '../registries/command.js';
import type { Program } from '../registries/program.js';
import type { Bench, Measure } from './bench.js';
import type { Row } from './row.js';

const STARTS = 7;
const ENDED = 15;

export const START: Measure = {
  name: 'start',
  run: async (bench) => {
    const folders = new Map<Program, string>();
    const times = new Map<Program, number[]>();
    const programs = bench.reference === undefined ? [bench.candidate] : [bench.reference, bench.candidate];
    for (const program of programs) {
      folders.set(program, bench.freshFolder());
      times.set(program, []);
      await startOnce(bench, program, folders.get(program)); // the first start makes the database
    }
    for (let start = 0; start < STARTS; start++) {
      for (const program of programs) {
        times.get(program)?.push(await startOnce(bench, program, folders.get(program)));
      }
    }
    const seriesOf = (program: Program) => ({ name: program.name, samples: times.get(program) ?? [] });
    return [
      {
        title: 'start to the first answer on /v2/',
        unit: 'ms',
        subject: seriesOf(bench.candidate),
        baseline: bench.reference === undefined ? undefined : seriesOf(bench.reference),
        goal: { kind: 'at most', value: 400 },
      },
      await compareEnded(programs, '--version'),
      await compareEnded(programs, '--help'),
    ];
  },
};

async function startOnce(bench: Bench, program: Program, folder: string | undefined): Promise<number> {
  const registry = await bench.start(program, folder);
  await bench.stop(registry);
  return registry.startedInMs;
}

/** What only prints something, in turn. */
async function compareEnded(programs: readonly Program[], word: string): Promise<Row> {
  const times = new Map<Program, number[]>(programs.map((program) => [program, []]));
  for (let round = 0; round < ENDED; round++) {
    for (const program of programs) {
      const { seconds } = await runCommand(program, [word], 'ignore');
      times.get(program)?.push(seconds * 1000);
    }
  }
  const [subject, baseline] = [...times].map(([{ name }, samples]) => ({ name, samples })).toReversed();
  if (subject === undefined) throw new Error('nothing was measured');
  return {
    title: `${word}, from the spawn to the end`,
    unit: 'ms',
    subject,
    baseline,
    goal: { kind: 'at most', value: 250 },
  };
}

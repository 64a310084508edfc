import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../load/connection.js';
import { freshContent, type Content } from '../load/content.js';
import { fillTags } from '../load/fill.js';
import { pullBlob } from '../load/pull.js';
import { pushBlobInPieces, pushLargeBlob } from '../load/push.js';
import { readSlowly } from '../load/slow-readers.js';
import { forgetPeak, peakMegabytes, residentMegabytes } from '../registries/process-figures.js';
import type { RunningRegistry } from '../registries/running-registry.js';
import type { Measure } from './bench.js';
import type { Goal, Row } from './row.js';

const REPOSITORY = 'bench/memory';
const PASSES = 2;
const NO_GROWTH = { kind: 'ratio at most', value: 1.1 } as const;

interface Phase {
  readonly title: string;
  readonly run: (port: number) => Promise<void>;
}

async function push(port: number, content: Content): Promise<void> {
  const connection = await Connection.open(port);
  try {
    await pushLargeBlob(connection, REPOSITORY, content);
  } finally {
    connection.close();
  }
}

async function pushAndPull(port: number, size: number): Promise<void> {
  const content = freshContent(size);
  await push(port, content);
  await pullBlob(port, `/v2/${REPOSITORY}/blobs/${content.digest}`);
}

async function pushInPieces(port: number, count: number, size: number): Promise<void> {
  const connection = await Connection.open(port);
  try {
    await pushBlobInPieces(
      connection,
      REPOSITORY,
      Array.from({ length: count }, () => randomBytes(size)),
    );
  } finally {
    connection.close();
  }
}

async function uploadsAtOnce(port: number, count: number, size: number): Promise<void> {
  const contents = Array.from({ length: count }, () => freshContent(size));
  await Promise.all(contents.map((content) => push(port, content)));
}

/** The whole list in one answer, four clients at once. @throws Error when a tag is missing. */
async function wholeTagList(port: number, count: number): Promise<void> {
  const ask = async (): Promise<void> => {
    const connection = await Connection.open(port);
    for (let time = 0; time < 5; time++) {
      const answer = await connection.request('GET', `/v2/${REPOSITORY}/tags/list`);
      const { tags } = JSON.parse(answer.body.toString()) as { tags: string[] };
      if (tags.length !== count) throw new Error(`${tags.length} tags instead of ${count}`);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: 4 }, ask));
}

async function manySlowReaders(port: number, count: number): Promise<void> {
  const content = freshContent(16e6);
  await push(port, content);
  await readSlowly(port, `/v2/${REPOSITORY}/blobs/${content.digest}`, count, 10);
}

function phasesOf(quick: boolean): readonly Phase[] {
  const part = quick ? 0.1 : 1;
  const tags = 100_000 * part;
  const readers = 2000 * part;
  return [
    { title: `${2 * part} GB pushed and pulled`, run: (port) => pushAndPull(port, 2e9 * part) },
    { title: '64 uploads of 16 MB at once', run: (port) => uploadsAtOnce(port, 64, 16e6 * part) },
    { title: `list of ${tags} tags, 4 clients`, run: (port) => wholeTagList(port, tags) },
    { title: `${readers} slow readers`, run: (port) => manySlowReaders(port, readers) },
  ];
}

/** MB resident at the highest, one row of passes for each phase; and what is left when all is quiet again. */
async function peaksOf(
  { pid, port }: RunningRegistry,
  phases: readonly Phase[],
): Promise<{ idle: number[]; peaks: number[][] }> {
  const idle: number[] = [];
  const peaks: number[][] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    for (const [at, phase] of phases.entries()) {
      forgetPeak(pid);
      await phase.run(port);
      (peaks[at] ??= []).push(peakMegabytes(pid));
    }
    await sleep(3000); // what the clients left behind is given back
    idle.push(residentMegabytes(pid));
  }
  return { idle, peaks };
}

function rowOf(title: string, [first, second]: readonly number[], goal: Goal): Row {
  return {
    title,
    unit: 'MB resident',
    baseline: { name: 'Stowage, first time', samples: [first ?? Number.NaN] },
    subject: { name: 'Stowage, repeated', samples: [second ?? Number.NaN] },
    goal,
  };
}

/** @param most MB resident, in each phase */
async function rowsOf(
  registry: RunningRegistry,
  phases: readonly Phase[],
  most: number,
  where = '',
): Promise<Row[]> {
  const { idle, peaks } = await peaksOf(registry, phases);
  const limit = { kind: 'never above', value: most } as const;
  const rows = phases.map(({ title }, at) => rowOf(`peak: ${title}${where}`, peaks[at] ?? [], limit));
  return [...rows, rowOf(`left after all of it, idle${where}`, idle, NO_GROWTH)];
}

export const MEMORY: Measure = {
  name: 'memory',
  run: async (bench) => {
    const { quick } = bench.options;
    const registry = await bench.start(bench.candidate);
    await fillTags(registry.port, REPOSITORY, quick ? 10_000 : 100_000);
    return rowsOf(registry, phasesOf(quick), 200);
  },
};

/** The same where what is sent has to wait in memory until the store has it. */
export const OBJECT_STORE_MEMORY: Measure = {
  name: 's3-memory',
  onRequest: true,
  run: (bench) =>
    bench.withStore(async (store) => {
      const folder = bench.freshFolder();
      const registry = await bench.start(bench.candidate, folder, true, { storage: store.section() });
      const part = bench.options.quick ? 0.1 : 1;
      const phases: readonly Phase[] = [
        { title: `${part} GB as one PATCH, pulled`, run: (port) => pushAndPull(port, 1e9 * part) },
        { title: '500 PATCHes of 64 KiB', run: (port) => pushInPieces(port, 500 * part, 64 * 1024) },
        { title: '64 uploads of 16 MB at once', run: (port) => uploadsAtOnce(port, 64, 16e6 * part) },
      ];
      return rowsOf(registry, phases, 250, ', on S3');
    }),
};

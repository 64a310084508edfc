import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Connection } from '../load/connection.js';
import { freshContent, type Content } from '../load/content.js';
import { pullBlob } from '../load/pull.js';
import { pushLargeBlob } from '../load/push.js';
import type { Bench, CompareOptions, Measure } from './bench.js';
import type { Row } from './row.js';

const REPOSITORY = 'bench/large';
const NOT_SLOWER = { kind: 'ratio at least', value: 1 } as const;

/** Runs one task per content, all at once. @returns MB/s over all */
async function throughput(
  contents: readonly Content[],
  task: (content: Content) => Promise<void>,
): Promise<number> {
  const began = performance.now();
  await Promise.all(contents.map(task));
  const bytes = contents.reduce((sum, { size }) => sum + size, 0);
  return bytes / 1e3 / (performance.now() - began);
}

async function push(port: number, content: Content): Promise<void> {
  const connection = await Connection.open(port);
  try {
    await pushLargeBlob(connection, REPOSITORY, content);
  } finally {
    connection.close();
  }
}

/** Reads it once with its digest: whoever serves other bytes has no figure. */
async function verify(port: number, content: Content): Promise<void> {
  const hash = createHash('sha256');
  await pullBlob(port, `/v2/${REPOSITORY}/blobs/${content.digest}`, (bytes) => hash.update(bytes));
  const digest = `sha256:${hash.digest('hex')}`;
  if (digest !== content.digest) throw new Error(`pulled ${digest} instead of ${content.digest}`);
}

/** @param on as Bench.compare takes it */
export async function compareLarge(
  bench: Bench,
  title: string,
  [streams, megabytes]: readonly [number, number],
  on: CompareOptions = {},
): Promise<Row[]> {
  const size = (bench.options.quick ? megabytes / 10 : megabytes) * 1e6;
  return bench.compare(
    [
      { title: `push of ${title}`, unit: 'MB/s', goal: NOT_SLOWER },
      { title: `pull of ${title}`, unit: 'MB/s', goal: NOT_SLOWER },
    ],
    async () => undefined,
    async ({ port }) => {
      const contents = Array.from({ length: streams }, () => freshContent(size));
      spawnSync('sync'); // what the round before left to write back is not this round's
      const pushed = await throughput(contents, (content) => push(port, content));
      for (const content of contents) await verify(port, content);
      const pulled = await throughput(contents, async ({ digest }) => {
        await pullBlob(port, `/v2/${REPOSITORY}/blobs/${digest}`);
      });
      return [pushed, pulled];
    },
    on,
  );
}

export const LARGE_BLOBS: readonly Measure[] = [
  { name: 'one-stream', run: (bench) => compareLarge(bench, '500 MB, one stream', [1, 500]) },
  { name: 'eight-streams', run: (bench) => compareLarge(bench, '8 x 100 MB, eight streams', [8, 100]) },
];

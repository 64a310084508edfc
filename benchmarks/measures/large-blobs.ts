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

/** Runs one task per content, so many at once. @returns MB/s over all */
async function throughput(
  contents: readonly Content[],
  streams: number,
  task: (content: Content) => Promise<void>,
): Promise<number> {
  const waiting = [...contents];
  const began = performance.now();
  const work = async (): Promise<void> => {
    for (let content = waiting.shift(); content !== undefined; content = waiting.shift()) await task(content);
  };
  await Promise.all(Array.from({ length: streams }, work));
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

/**
 * @param load how many blobs of how many MB; streams: how many of them at once, all without it
 * @param on as Bench.compare takes it
 */
export async function compareLarge(
  bench: Bench,
  title: string,
  [blobs, megabytes, streams = blobs]: readonly [number, number, number?],
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
      const contents = Array.from({ length: blobs }, () => freshContent(size));
      spawnSync('sync'); // what the round before left to write back is not this round's
      const pushed = await throughput(contents, streams, (content) => push(port, content));
      for (const content of contents) await verify(port, content);
      const pulled = await throughput(contents, streams, async ({ digest }) => {
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
  { name: 'four-streams', run: (bench) => compareLarge(bench, '16 x 50 MB, four streams', [16, 50, 4]) },
];

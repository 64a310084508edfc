import { randomBytes } from 'node:crypto';
import { Connection } from '../load/connection.js';
import { LAYERS, pushFreshImage, pushLayersAtOnce, type Connections } from '../load/fresh-image.js';
import { pushManifest, pushSmallBlob } from '../load/push.js';
import { IMAGE_MANIFEST, pushSampleImage } from '../load/sample-image.js';
import type { Bench, Measure, RateOptions } from './bench.js';
import { ratioAtLeast, type Row } from './row.js';

const CLIENTS = 8;
const BLOB = 4096;

/** How often `push` is done in a second, by clients that each wait for their answers. */
export async function pushRate(
  port: number,
  seconds: number,
  push: (connection: Connection) => Promise<unknown>,
): Promise<number> {
  return pushRateOver(port, { seconds, connectionsEach: 1 }, ([connection]) => push(connection));
}

/** The same by clients that have several connections each. */
async function pushRateOver(
  port: number,
  { seconds, connectionsEach }: { readonly seconds: number; readonly connectionsEach: number },
  push: (connections: Connections) => Promise<unknown>,
): Promise<number> {
  const others = Array.from({ length: connectionsEach - 1 });
  const open = async (): Promise<Connections> => [
    await Connection.open(port),
    ...(await Promise.all(others.map(() => Connection.open(port)))),
  ];
  const clients = await Promise.all(Array.from({ length: CLIENTS }, open));
  const began = performance.now();
  const until = began + seconds * 1000;
  let pushed = 0;
  const keepPushing = async (connections: Connections): Promise<void> => {
    while (performance.now() < until) {
      await push(connections);
      pushed++;
    }
  };
  try {
    await Promise.all(clients.map(keepPushing));
  } finally {
    for (const connection of clients.flat()) connection.close();
  }
  return (pushed * 1000) / (performance.now() - began);
}

export async function compareSmallBlobs(bench: Bench, { least, ...on }: RateOptions): Promise<Row[]> {
  return bench.compare(
    [{ title: 'push of distinct 4 KiB blobs, 8 clients', unit: 'blobs/s', ...ratioAtLeast(least) }],
    async () => undefined,
    async ({ port }) => [
      await pushRate(port, bench.options.seconds, (connection) =>
        pushSmallBlob(connection, 'bench/small', randomBytes(BLOB)),
      ),
    ],
    on,
  );
}

export const SMALL_BLOBS: Measure = {
  name: 'small-blobs',
  run: (bench) => compareSmallBlobs(bench, { least: 2 }),
};

/** A manifest that is there already gets one more name each time. */
export const TAGS: Measure = {
  name: 'tag-put',
  run: async (bench) => {
    let tags = 0;
    return bench.compare(
      [
        {
          title: 'PUT of a manifest under one more tag, 8 clients',
          unit: 'tags/s',
          goal: { kind: 'ratio at least', value: 1 },
        },
      ],
      async ({ port }) => pushSampleImage(port, 'bench/tags'),
      async ({ port }, { repository, bytes }) => [
        await pushRate(port, bench.options.seconds, (connection) =>
          pushManifest(connection, repository, `t${tags++}`, { mediaType: IMAGE_MANIFEST, bytes }),
        ),
      ],
    );
  },
};

export async function compareImages(bench: Bench, { least, ...on }: RateOptions): Promise<Row[]> {
  const where = on.store === undefined ? '' : ', on S3';
  return bench.compare(
    [
      {
        title: `push of images (5 layers of 16 KiB, config, manifest), 8 clients${where}`,
        unit: 'images/s',
        ...ratioAtLeast(least),
      },
      {
        title: `the same, each client pushes its 5 layers at once${where}`,
        unit: 'images/s',
        ...ratioAtLeast(least),
      },
    ],
    async () => undefined,
    async ({ port }) => {
      const { seconds } = bench.options;
      return [
        await pushRate(port, seconds, pushFreshImage),
        await pushRateOver(port, { seconds, connectionsEach: LAYERS }, pushLayersAtOnce),
      ];
    },
    on,
  );
}

export const IMAGES: Measure = { name: 'images', run: (bench) => compareImages(bench, { least: 3 }) };

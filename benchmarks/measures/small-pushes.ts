import { randomBytes, randomUUID } from 'node:crypto';
import { Connection } from '../load/connection.js';
import { pushManifest, pushSmallBlob } from '../load/push.js';
import { IMAGE_MANIFEST } from '../load/sample-image.js';
import type { Measure } from './bench.js';

const CLIENTS = 8;
const BLOB = 4096;
const LAYERS = 5;
const LAYER = 16 * 1024;
const CONFIG = 2048;

/** How often `push` is done in a second, by clients that each wait for their answers. */
async function rate(
  port: number,
  seconds: number,
  push: (connection: Connection) => Promise<unknown>,
): Promise<number> {
  const connections = await Promise.all(Array.from({ length: CLIENTS }, () => Connection.open(port)));
  const began = performance.now();
  const until = began + seconds * 1000;
  let pushed = 0;
  const keepPushing = async (connection: Connection): Promise<void> => {
    while (performance.now() < until) {
      await push(connection);
      pushed++;
    }
  };
  try {
    await Promise.all(connections.map(keepPushing));
  } finally {
    for (const connection of connections) connection.close();
  }
  return (pushed * 1000) / (performance.now() - began);
}

/** An image of its own in a repository of its own: blobs one after the other, then the manifest under a tag. */
async function pushImage(connection: Connection): Promise<void> {
  const repository = `bench/${randomUUID()}`;
  const push = async (size: number, mediaType: string) => {
    const digest = await pushSmallBlob(connection, repository, randomBytes(size));
    return { mediaType, digest, size };
  };
  const layers = [];
  for (let each = 0; each < LAYERS; each++) {
    layers.push(await push(LAYER, 'application/vnd.oci.image.layer.v1.tar'));
  }
  const config = await push(CONFIG, 'application/vnd.oci.image.config.v1+json');
  const manifest = { schemaVersion: 2, mediaType: IMAGE_MANIFEST, config, layers };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await pushManifest(connection, repository, 'latest', { mediaType: IMAGE_MANIFEST, bytes });
}

export const SMALL_BLOBS: Measure = {
  name: 'small-blobs',
  run: (bench) =>
    bench.compare(
      [
        {
          title: 'push of distinct 4 KiB blobs, 8 clients',
          unit: 'blobs/s',
          goal: { kind: 'ratio at least', value: 2 },
        },
      ],
      async () => undefined,
      async ({ port }) => [
        await rate(port, bench.options.seconds, (connection) =>
          pushSmallBlob(connection, 'bench/small', randomBytes(BLOB)),
        ),
      ],
    ),
};

export const IMAGES: Measure = {
  name: 'images',
  run: (bench) =>
    bench.compare(
      [
        {
          title: 'push of images (5 layers of 16 KiB, config, manifest), 8 clients',
          unit: 'images/s',
          goal: { kind: 'ratio at least', value: 3 },
        },
      ],
      async () => undefined,
      async ({ port }) => [await rate(port, bench.options.seconds, pushImage)],
    ),
};

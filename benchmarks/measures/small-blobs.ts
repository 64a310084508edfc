import { randomBytes } from 'node:crypto';
import { Connection } from '../load/connection.js';
import { pushSmallBlob } from '../load/push.js';
import type { Measure } from './bench.js';

const CLIENTS = 8;
const SIZE = 4096;

/** Blobs pushed per second: POST and PUT, all different, by clients that each wait for their answer. */
async function pushRate(port: number, seconds: number): Promise<number> {
  const connections = await Promise.all(Array.from({ length: CLIENTS }, () => Connection.open(port)));
  const began = performance.now();
  const until = began + seconds * 1000;
  let pushed = 0;
  const keepPushing = async (connection: Connection): Promise<void> => {
    while (performance.now() < until) {
      await pushSmallBlob(connection, 'bench/small', randomBytes(SIZE));
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

export const SMALL_BLOBS: Measure = {
  name: 'small-blobs',
  run: (bench) =>
    bench.compare(
      [
        {
          title: 'push of distinct 4 KiB blobs, 8 clients',
          unit: 'blobs/s',
          goal: { kind: 'ratio at least', value: 2.5 },
        },
      ],
      async () => undefined,
      async ({ port }) => [await pushRate(port, bench.options.seconds)],
    ),
};

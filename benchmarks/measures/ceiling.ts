import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Connection, requestHead } from '../load/connection.js';
import { freshContent } from '../load/content.js';
import { hammer } from '../load/hammer.js';
import { pullBlob } from '../load/pull.js';
import type { Measure } from './bench.js';
import type { Row } from './row.js';

async function pushRate(port: number): Promise<number> {
  const content = freshContent(500e6);
  const connection = await Connection.open(port);
  const began = performance.now();
  await connection.stream(requestHead('PATCH', '/', { 'Content-Length': content.size }), content.chunks());
  const rate = content.size / 1e3 / (performance.now() - began);
  connection.close();
  return rate;
}

async function pullRate(port: number): Promise<number> {
  const began = performance.now();
  const bytes = await pullBlob(port, '/large');
  return bytes / 1e3 / (performance.now() - began);
}

function row(title: string, unit: string, samples: readonly number[]): Row {
  return {
    title: `generator against a bare responder: ${title}`,
    unit,
    subject: { name: 'generator', samples },
  };
}

/** What the load generator can do at most: figures of a registry near these would be figures of the generator. */
export const CEILING: Measure = {
  name: 'ceiling',
  run: async (bench) => {
    const port = bench.options.port - 1;
    const responder = fork(fileURLToPath(new URL('../load/bare-responder.js', import.meta.url)), [
      String(port),
    ]);
    try {
      await once(responder, 'message');
      const load = (method: string) => {
        const request = requestHead(method, '/');
        const { seconds } = bench.options;
        return hammer(port, { connections: 32, seconds, next: () => request, head: method === 'HEAD' });
      };
      await load('GET'); // warm-up
      return [
        row('GET, 32 connections', 'requests/s', [await load('GET'), await load('GET'), await load('GET')]),
        row('HEAD, 32 connections', 'requests/s', [
          await load('HEAD'),
          await load('HEAD'),
          await load('HEAD'),
        ]),
        row('push, one stream', 'MB/s', [await pushRate(port), await pushRate(port), await pushRate(port)]),
        row('pull, one stream', 'MB/s', [await pullRate(port), await pullRate(port), await pullRate(port)]),
      ];
    } finally {
      responder.kill();
    }
  },
};

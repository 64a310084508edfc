import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freshContent, type Content } from '../load/content.js';
import { Connection } from '../load/connection.js';
import { pushLayeredImage, type LayeredImage } from '../load/layered-image.js';
import { pullBlob } from '../load/pull.js';
import { allAtOnce, layerByLayer, type Strategy } from '../load/pull-strategies.js';
import { pushLargeBlob } from '../load/push.js';
import type { Bench, Measure } from './bench.js';
import { median, type Row, type Series } from './row.js';

const REPOSITORY = 'bench/layered';
const LAYERS = 30;
/** Milliseconds of a round trip. */
const DELAYS = [0, 10, 50];
const ASKED = 30;

/** Docker fetches three layers at once unless it is told otherwise. */
const STRATEGIES: readonly (readonly [name: string, strategy: Strategy])[] = [
  ['layer by layer', layerByLayer],
  ['3 connections', allAtOnce(3)],
  [`${LAYERS + 1} connections`, allAtOnce(LAYERS + 1)],
];

/** A way to the registry. */
interface Way {
  readonly name: string;
  readonly port: number;
}

const milliseconds = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** Median time of a small answer on a connection that is open. */
async function roundTrip(port: number): Promise<number> {
  const connection = await Connection.open(port);
  const times: number[] = [];
  for (let asked = 0; asked < ASKED; asked++) {
    times.push(await milliseconds(() => connection.request('GET', '/v2/')));
  }
  connection.close();
  return median(times);
}

async function large(port: number, content: Content): Promise<number> {
  const took = await milliseconds(() => pullBlob(port, `/v2/${REPOSITORY}/blobs/${content.digest}`));
  return content.size / 1e3 / took;
}

/** All values of a round next to each other, a round after the other; one round before them is a warm-up. */
async function inTurn(
  rounds: number,
  samplers: readonly ((isWarmUp: boolean) => Promise<number>)[],
): Promise<readonly (readonly number[])[]> {
  const samples: number[][] = samplers.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const [at, sample] of samplers.entries()) {
      const value = await sample(round < 0);
      if (round >= 0) samples[at]?.push(value);
    }
  }
  return samples;
}

/** What the relay itself does to a round trip, and to a blob that is large. */
async function relayRows(bench: Bench, direct: Way, relayed: readonly Way[]): Promise<Row[]> {
  const content = freshContent((bench.options.quick ? 50 : 500) * 1e6);
  const connection = await Connection.open(direct.port);
  await pushLargeBlob(connection, REPOSITORY, content);
  connection.close();
  const ways = [direct, ...relayed];
  const rowsOf = async (title: string, unit: string, sample: (port: number) => Promise<number>) => {
    const samples = await inTurn(
      bench.options.rounds,
      ways.map(({ port }) => sample.bind(undefined, port)),
    );
    const baseline: Series = { name: direct.name, samples: samples[0] ?? [] };
    return relayed.map(({ name }, at) => ({
      title: `the relay: ${title}, ${name}`,
      unit,
      baseline,
      subject: { name: 'through the relay', samples: samples[at + 1] ?? [] },
    }));
  };
  return [
    ...(await rowsOf('round trip', 'ms', roundTrip)),
    ...(await rowsOf(`pull of ${content.size / 1e6} MB, one stream`, 'MB/s', (port) => large(port, content))),
  ];
}

/** Milliseconds for the whole image, with each strategy in turn. */
async function pullRows(bench: Bench, { name, port }: Way, image: LayeredImage): Promise<Row[]> {
  const samplers = STRATEGIES.map(([, strategy]) => (isWarmUp: boolean) => {
    const pull = async (): Promise<void> => {
      const bytes = await strategy(port, image, isWarmUp);
      if (bytes !== image.layers * image.size) throw new Error(`${bytes} bytes of an image are not all`);
    };
    return milliseconds(pull);
  });
  const [baseline = [], ...others] = await inTurn(bench.options.rounds, samplers);
  const mebibytes = image.size / (1 << 20);
  return others.map((samples, at) => ({
    title: `pull of ${image.layers} layers of ${mebibytes} MiB, ${name}, ${STRATEGIES[at + 1]?.[0]}`,
    unit: 'ms',
    baseline: { name: 'as registry 1', samples: baseline },
    subject: { name: 'as registry 2', samples },
  }));
}

/** With what it used told to this process, which says how much of the machine was somebody else's. */
async function stopRelay(relay: ChildProcess): Promise<void> {
  const exit = once(relay, 'exit');
  relay.kill();
  await exit;
}

async function startRelay(port: number, target: number, delay: number): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../load/relay-process.js', import.meta.url));
  const relay = fork(program, [port, target, delay].map(String));
  await once(relay, 'message');
  return relay;
}

/** Why registry 2 pulls faster: the same image from the same registry, in the order that each protocol allows. */
export const PULL_STRATEGY: Measure = {
  name: 'pull-strategy',
  run: async (bench) => {
    const registry = await bench.start(bench.candidate);
    const relays: ChildProcess[] = [];
    try {
      const ways: Way[] = [];
      for (const delay of DELAYS) {
        const port = bench.takePort();
        relays.push(await startRelay(port, registry.port, delay));
        ways.push({ name: `${delay} ms`, port });
      }
      const direct = { name: 'without the relay', port: registry.port };
      const size = bench.options.quick ? 1 << 16 : 1 << 20;
      const image = await pushLayeredImage(registry.port, REPOSITORY, LAYERS, size);
      const rows: Row[] = [];
      for (const way of [direct, ...ways]) rows.push(...(await pullRows(bench, way, image)));
      return [...rows, ...(await relayRows(bench, direct, ways))];
    } finally {
      await Promise.all(relays.map(stopRelay));
    }
  },
};

import { randomBytes } from 'node:crypto';
import { Connection, requestHead } from '../load/connection.js';
import { hammer } from '../load/hammer.js';
import { pushSmallBlob } from '../load/push.js';
import { IMAGE_MANIFEST, pushSampleImage, type SampleImage } from '../load/sample-image.js';
import { cpuSeconds } from '../registries/process-figures.js';
import type { RunningRegistry } from '../registries/running-registry.js';
import type { Bench, Measure, RateOptions } from './bench.js';
import { ratioAtLeast, type Row } from './row.js';

const CONNECTIONS = 32;
const REPOSITORY = 'bench/reads';
const SMALL = 2048;

type Request = readonly [method: string, path: string];
/** Puts something there to be read. */
type Prepare = (port: number) => Promise<Request>;

function readMeasure(name: string, title: string, prepare: Prepare): Measure {
  return {
    name,
    run: async (bench) => [
      ...(await compareRequests(bench, title, prepare, { cache: true, least: 3 })),
      ...(await compareRequests(bench, `${title}; reference without its cache`, prepare, {
        cache: false,
        least: 3,
      })),
    ],
  };
}

function ofImage(requestFor: (image: SampleImage) => Request): Prepare {
  return async (port) => requestFor(await pushSampleImage(port, REPOSITORY));
}

async function smallBlob(port: number): Promise<Request> {
  const connection = await Connection.open(port);
  try {
    const digest = await pushSmallBlob(connection, REPOSITORY, randomBytes(SMALL));
    return ['GET', `/v2/${REPOSITORY}/blobs/${digest}`];
  } finally {
    connection.close();
  }
}

export async function compareReads(
  bench: Bench,
  title: string,
  requestFor: (image: SampleImage) => Request,
  on: RateOptions,
): Promise<Row[]> {
  return compareRequests(bench, title, ofImage(requestFor), on);
}

async function compareRequests(
  bench: Bench,
  title: string,
  prepare: Prepare,
  { least, ...on }: RateOptions,
): Promise<Row[]> {
  return bench.compare(
    [
      { title, unit: 'requests/s', ...ratioAtLeast(least) },
      { title: `${title}: CPU of the registry`, unit: 'µs/request' },
    ],
    async ({ port }) => prepare(port),
    (registry, request) => readRate(registry, request, bench.options.seconds),
    on,
  );
}

/** Requests a second, and the registry's CPU for each (µs). */
export async function readRate(
  { port, pid }: RunningRegistry,
  [method, path]: Request,
  seconds: number,
): Promise<readonly [number, number]> {
  const request = requestHead(method, path, { Accept: IMAGE_MANIFEST });
  const before = cpuSeconds(pid);
  const load = { connections: CONNECTIONS, seconds, next: () => request };
  const rate = await hammer(port, { ...load, head: method === 'HEAD' });
  return [rate, ((cpuSeconds(pid) - before) * 1e6) / (rate * seconds)];
}

export const READS: readonly Measure[] = [
  readMeasure(
    'manifest-by-tag',
    'manifest GET by tag, 32 connections',
    ofImage(({ repository, tag }) => ['GET', `/v2/${repository}/manifests/${tag}`]),
  ),
  readMeasure(
    'manifest-by-digest',
    'manifest GET by digest, 32 connections',
    ofImage(({ repository, digest }) => ['GET', `/v2/${repository}/manifests/${digest}`]),
  ),
  readMeasure(
    'blob-head',
    'blob HEAD, 32 connections',
    ofImage(({ repository, layer }) => ['HEAD', `/v2/${repository}/blobs/${layer}`]),
  ),
  readMeasure('blob-get', 'blob GET of 2 KiB, 32 connections', smallBlob),
];

import { requestHead } from '../load/connection.js';
import { hammer } from '../load/hammer.js';
import { IMAGE_MANIFEST, pushSampleImage, type SampleImage } from '../load/sample-image.js';
import { cpuSeconds } from '../registries/process-figures.js';
import type { Bench, Measure } from './bench.js';
import type { Row } from './row.js';

const CONNECTIONS = 32;
const AT_LEAST_3 = { kind: 'ratio at least', value: 3 } as const;

function readMeasure(
  name: string,
  title: string,
  requestFor: (image: SampleImage) => [string, string],
): Measure {
  return {
    name,
    run: async (bench) => [
      ...(await compareReads(bench, title, requestFor, true)),
      ...(await compareReads(bench, `${title}; reference without its cache`, requestFor, false)),
    ],
  };
}

async function compareReads(
  bench: Bench,
  title: string,
  requestFor: (image: SampleImage) => [string, string],
  cache: boolean,
): Promise<Row[]> {
  return bench.compare(
    [
      { title, unit: 'requests/s', goal: AT_LEAST_3 },
      { title: `${title}: CPU of the registry`, unit: 'µs/request' },
    ],
    async ({ port }) => requestFor(await pushSampleImage(port, 'bench/reads')),
    async ({ port, pid }, [method, path]) => {
      const request = requestHead(method, path, { Accept: IMAGE_MANIFEST });
      const load = { connections: CONNECTIONS, seconds: bench.options.seconds, next: () => request };
      const before = cpuSeconds(pid);
      const rate = await hammer(port, { ...load, head: method === 'HEAD' });
      const cpu = cpuSeconds(pid) - before;
      return [rate, (cpu * 1e6) / (rate * bench.options.seconds)];
    },
    cache,
  );
}

export const READS: readonly Measure[] = [
  readMeasure('manifest-by-tag', 'manifest GET by tag, 32 connections', ({ repository, tag }) => [
    'GET',
    `/v2/${repository}/manifests/${tag}`,
  ]),
  readMeasure('manifest-by-digest', 'manifest GET by digest, 32 connections', ({ repository, digest }) => [
    'GET',
    `/v2/${repository}/manifests/${digest}`,
  ]),
  readMeasure('blob-head', 'blob HEAD, 32 connections', ({ repository, layer }) => [
    'HEAD',
    `/v2/${repository}/blobs/${layer}`,
  ]),
];

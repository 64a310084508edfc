import { requestHead } from '../load/connection.js';
import { hammer } from '../load/hammer.js';
import { IMAGE_MANIFEST, pushSampleImage, type SampleImage } from '../load/sample-image.js';
import { cpuSeconds } from '../registries/process-figures.js';
import type { Bench, CompareOptions, Measure } from './bench.js';
import type { Row } from './row.js';

const CONNECTIONS = 32;

function readMeasure(
  name: string,
  title: string,
  requestFor: (image: SampleImage) => [string, string],
): Measure {
  return {
    name,
    run: async (bench) => [
      ...(await compareReads(bench, title, requestFor, { cache: true })),
      ...(await compareReads(bench, `${title}; reference without its cache`, requestFor, { cache: false })),
    ],
  };
}

/** @param on as Bench.compare takes it; least: the ratio to reach */
export async function compareReads(
  bench: Bench,
  title: string,
  requestFor: (image: SampleImage) => [string, string],
  { least = 3, ...on }: CompareOptions & { readonly least?: number },
): Promise<Row[]> {
  return bench.compare(
    [
      { title, unit: 'requests/s', goal: { kind: 'ratio at least', value: least } },
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
    on,
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

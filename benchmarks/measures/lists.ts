import { requestHead } from '../load/connection.js';
import { fillRepositories, fillTags, numbered } from '../load/fill.js';
import { hammer } from '../load/hammer.js';
import { cpuSeconds } from '../registries/process-figures.js';
import type { RunningRegistry } from '../registries/running-registry.js';
import type { Bench, Measure } from './bench.js';
import type { Row } from './row.js';

const PAGE = 100;
const FEW = 100;
const TAGGED = 'lists/tagged';
const AT_MOST_ONE_AND_A_HALF = { kind: 'ratio at most', value: 1.5 } as const;

interface Filled {
  readonly registry: RunningRegistry;
  readonly count: number;
}

/** Requests for pages in turn from everywhere in the list that still has a whole page behind it. */
function pageRequests(path: string, prefix: string, count: number): () => Buffer {
  const starts = Math.max(1, Math.floor((count - PAGE) / PAGE));
  const requests = Array.from({ length: starts }, (_, at) => {
    const last = at === 0 ? '' : `&last=${encodeURIComponent(numbered(prefix, at * PAGE))}`;
    return requestHead('GET', `${path}?n=${PAGE}${last}`);
  });
  let turn = 0;
  const fallback = requestHead('GET', `${path}?n=${PAGE}`);
  return () => requests[turn++ % requests.length] ?? fallback;
}

/** CPU microseconds that one page costs the registry: what the generator costs on the same machine is not in it. */
async function pageCost(bench: Bench, { registry }: Filled, next: () => Buffer): Promise<number> {
  const before = cpuSeconds(registry.pid);
  const rate = await hammer(registry.port, { connections: 8, seconds: bench.options.seconds, next });
  return ((cpuSeconds(registry.pid) - before) * 1e6) / (rate * bench.options.seconds);
}

async function fill(bench: Bench, count: number): Promise<Filled> {
  const registry = await bench.start(bench.candidate);
  await fillRepositories(registry.port, count - 1); // the tagged one is a repository too
  await fillTags(registry.port, TAGGED, count);
  return { registry, count };
}

async function compareSizes(
  bench: Bench,
  title: string,
  [path, prefix]: readonly [string, string],
  [few, many]: readonly [Filled, Filled],
): Promise<Row> {
  const costs: [number[], number[]] = [[], []];
  const sides = [few, many].map((filled) => ({ filled, next: pageRequests(path, prefix, filled.count) }));
  for (let round = -1; round < bench.options.rounds; round++) {
    for (const [side, { filled, next }] of sides.entries()) {
      const cost = await pageCost(bench, filled, next);
      if (round >= 0) costs[side]?.push(cost);
    }
  }
  return {
    title,
    unit: 'µs CPU/page',
    subject: { name: `Stowage, ${many.count} stored`, samples: costs[1] },
    baseline: { name: `Stowage, ${few.count} stored`, samples: costs[0] },
    goal: AT_MOST_ONE_AND_A_HALF,
  };
}

export const LISTS: Measure = {
  name: 'lists',
  run: async (bench) => {
    const sides = [await fill(bench, FEW), await fill(bench, bench.options.quick ? 1000 : 10_000)] as const;
    const rows = [
      await compareSizes(bench, 'page of tags, n=100', [`/v2/${TAGGED}/tags/list`, 't'], sides),
      await compareSizes(bench, 'page of the catalog, n=100', ['/v2/_catalog', 'catalog/r'], sides),
    ];
    await bench.stopAll();
    return rows;
  },
};

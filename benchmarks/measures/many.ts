import { requestHead } from '../load/connection.js';
import { fillRepositories, fillTags, numbered } from '../load/fill.js';
import { hammer } from '../load/hammer.js';
import { pushSampleImage } from '../load/sample-image.js';
import type { Bench, Column, Measure } from './bench.js';
import { readRate } from './reads.js';

const TAGGED = 'lists/tagged';
const PAGE = 100;
const LISTERS = 8;

const COLUMNS = (count: number): readonly Column[] => {
  const where = `${count} repositories`;
  return [
    {
      title: `manifest GET by tag, 32 connections, ${where}`,
      unit: 'requests/s',
      goal: { kind: 'ratio at least', value: 3 },
    },
    {
      title: `manifest GET by digest, 32 connections, ${where}`,
      unit: 'requests/s',
      goal: { kind: 'ratio at least', value: 3 },
    },
    {
      title: `page of the catalog, n=${PAGE}, at four fifths of ${count}, ${LISTERS} connections`,
      unit: 'pages/s',
      goal: { kind: 'ratio at least', value: 1 },
    },
    {
      title: `page of tags, n=${PAGE}, at four fifths of ${count}, ${LISTERS} connections`,
      unit: 'pages/s',
      goal: { kind: 'ratio at least', value: 1 },
    },
  ];
};

/** Both registries with many repositories, and many tags in one of them. */
export const MANY: Measure = {
  name: 'many',
  run: async (bench: Bench) => {
    const count = bench.options.quick ? 500 : 5000;
    const { seconds } = bench.options;
    const deep = (count * 4) / 5;
    const pages = async (port: number, path: string, last: string): Promise<number> => {
      const request = requestHead('GET', `${path}?n=${PAGE}&last=${encodeURIComponent(last)}`);
      return hammer(port, { connections: LISTERS, seconds, next: () => request });
    };
    return bench.compare(
      COLUMNS(count),
      async ({ port }) => {
        await fillRepositories(port, count);
        await fillTags(port, TAGGED, count);
        return pushSampleImage(port, 'many/reads');
      },
      async (registry, { repository, tag, digest }) => {
        const { port } = registry;
        const manifests = `/v2/${repository}/manifests`;
        const [byTag] = await readRate(registry, ['GET', `${manifests}/${tag}`], seconds);
        const [byDigest] = await readRate(registry, ['GET', `${manifests}/${digest}`], seconds);
        const catalog = await pages(port, '/v2/_catalog', numbered('catalog/r', deep));
        return [byTag, byDigest, catalog, await pages(port, `/v2/${TAGGED}/tags/list`, numbered('t', deep))];
      },
    );
  },
};

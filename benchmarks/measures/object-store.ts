import type { ObjectStore } from '../registries/object-store.js';
import type { Bench, Measure } from './bench.js';
import { compareLarge } from './large-blobs.js';
import { compareReads } from './reads.js';
import type { Row } from './row.js';
import { compareImages } from './small-pushes.js';

/**
 * Both registries on one server that speaks S3; the reference with its descriptor cache. Each comparison has a server of
 * its own: it keeps everything in memory, also what was removed, for hours.
 */
const COMPARISONS: readonly ((bench: Bench, store: ObjectStore) => Promise<Row[]>)[] = [
  (bench, store) =>
    compareReads(
      bench,
      'manifest GET by tag, 32 connections, on S3',
      ({ repository, tag }) => ['GET', `/v2/${repository}/manifests/${tag}`],
      { store, least: 5 },
    ),
  (bench, store) =>
    compareReads(
      bench,
      'manifest GET by digest, 32 connections, on S3',
      ({ repository, digest }) => ['GET', `/v2/${repository}/manifests/${digest}`],
      { store, least: 5 },
    ),
  (bench, store) => compareImages(bench, { least: 1.5, store }),
  (bench, store) => compareLarge(bench, '500 MB, one stream, on S3', [1, 500], { store }),
  (bench, store) =>
    compareLarge(bench, '500 MB, one stream, on S3, clients sent there', [1, 500], {
      store,
      redirects: true,
    }),
];

export const OBJECT_STORE: Measure = {
  name: 's3',
  onRequest: true,
  run: async (bench) => {
    const rows: Row[] = [];
    for (const compare of COMPARISONS) {
      rows.push(...(await bench.withStore((store) => compare(bench, store))));
    }
    return rows;
  },
};

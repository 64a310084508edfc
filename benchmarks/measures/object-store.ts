import type { Measure } from './bench.js';
import { compareLarge } from './large-blobs.js';
import { compareReads } from './reads.js';
import { compareImages } from './small-pushes.js';

/** Both registries on one server that speaks S3; the reference with its descriptor cache. */
export const OBJECT_STORE: Measure = {
  name: 's3',
  onRequest: true,
  run: (bench) =>
    bench.withStore(async (store) => [
      ...(await compareReads(
        bench,
        'manifest GET by tag, 32 connections, on S3',
        ({ repository, tag }) => ['GET', `/v2/${repository}/manifests/${tag}`],
        { store, least: 5 },
      )),
      ...(await compareReads(
        bench,
        'manifest GET by digest, 32 connections, on S3',
        ({ repository, digest }) => ['GET', `/v2/${repository}/manifests/${digest}`],
        { store, least: 5 },
      )),
      ...(await compareImages(bench, 1.5, store)),
      ...(await compareLarge(bench, '500 MB, one stream, on S3', [1, 500], { store })),
      ...(await compareLarge(bench, '500 MB, one stream, on S3, clients sent there', [1, 500], {
        store,
        redirects: true,
      })),
    ]),
};

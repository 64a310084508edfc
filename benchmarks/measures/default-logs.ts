import type { Measure } from './bench.js';
import { compareReads } from './reads.js';
import { compareImages, compareSmallBlobs } from './small-pushes.js';

const LOGS = { log: 'default' } as const;

/** Once more with what each program logs when it is told nothing: a line, or several, for each request. */
export const DEFAULT_LOGS: Measure = {
  name: 'default-logs',
  run: async (bench) => [
    ...(await compareReads(
      bench,
      'manifest GET by tag, 32 connections',
      ({ repository, tag }) => ['GET', `/v2/${repository}/manifests/${tag}`],
      LOGS,
    )),
    ...(await compareReads(
      bench,
      'blob HEAD, 32 connections',
      ({ repository, layer }) => ['HEAD', `/v2/${repository}/blobs/${layer}`],
      LOGS,
    )),
    ...(await compareSmallBlobs(bench, LOGS)),
    ...(await compareImages(bench, LOGS)),
  ],
};

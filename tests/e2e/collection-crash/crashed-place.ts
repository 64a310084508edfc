import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NEEDS_RGW, useRgwBucket } from '../../support/rgw.js';
import { s3Section } from '../../support/s3-section.js';
import { onBucket, type Settings } from '../../support/start-registry.js';
import type { Needs } from '../../support/tools.js';

/** Where a registry stores whose processes are killed. */
export interface CrashedPlace {
  /** `storage.s3` of a configuration; undefined in a folder. */
  readonly bucket: Readonly<Record<string, unknown>> | undefined;
  /** Beside those of the test. */
  settings(folder: string): Settings;
  database(folder: string): string;
  /** Digests of what lies under its digest. */
  blobs(folder: string): Promise<readonly string[]>;
  /** What lies in fences: those of the killed are swept after minutes, but what they took has to be away. */
  taken(folder: string): Promise<readonly string[]>;
}

interface PlaceOfTests {
  readonly called: string;
  readonly needs: Needs;
  /** To be called inside the group of tests. */
  use(): CrashedPlace;
}

const BLOBS = 'docker/registry/v2/blobs/sha256';

const FOLDER: CrashedPlace = {
  bucket: undefined,
  settings: () => ({}),
  database: (folder) => join(folder, 'data/stowage/metadata.db'),
  blobs: async (folder) => {
    const root = join(folder, 'data', BLOBS);
    const prefixes = await readdir(root);
    const names = await Promise.all(prefixes.map((prefix) => readdir(join(root, prefix))));
    return names.flat().map((hex) => `sha256:${hex}`);
  },
  taken: async (folder) => {
    const root = join(folder, 'data/stowage/gc');
    const fences = existsSync(root) ? await readdir(root) : [];
    return (await Promise.all(fences.map((fence) => readdir(join(root, fence))))).flat();
  },
};

function useBucket(): CrashedPlace {
  const bucket = useRgwBucket();
  return {
    get bucket() {
      return s3Section(bucket());
    },
    settings: (folder) => onBucket(folder, s3Section(bucket())),
    database: (folder) => join(folder, 'metadata.db'),
    blobs: async () => {
      const { aws, bucket: name } = bucket();
      const digests: string[] = [];
      for await (const page of paginateListObjectsV2({ client: aws }, { Bucket: name, Prefix: BLOBS })) {
        digests.push(...(page.Contents ?? []).map(({ Key = '' }) => `sha256:${Key.split('/').at(-2)}`));
      }
      return digests;
    },
    // Nothing is kept in a fence of a bucket.
    taken: async () => [],
  };
}

export const CRASHED_PLACES: readonly PlaceOfTests[] = [
  { called: 'a folder', needs: {}, use: () => FOLDER },
  { called: 'a bucket', needs: NEEDS_RGW, use: useBucket },
];

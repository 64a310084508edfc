import { join } from 'node:path';
import type { Config } from '../infrastructure/config/config.js';
import { keyPrefix } from '../infrastructure/storage/drivers/s3/bucket-keys.js';
import { databasePath } from './database-path.js';

/**
 * The folder on this machine in which the processes of one registry find one another; undefined where nobody else can
 * use the storage. A bucket has none, so there it lies beside the database, which they share too.
 */
export function processFolder(config: Config): string | undefined {
  const { driver } = config.storage;
  switch (driver.kind) {
    case 'filesystem':
      return join(driver.rootdirectory, 'stowage');
    case 's3': {
      const path = databasePath(config);
      return path && `${path}.processes`;
    }
    case 'inmemory':
      return undefined;
  }
}

/** Where each of these processes has its lock file. */
export function instancesFolder(config: Config): string | undefined {
  const folder = processFolder(config);
  return folder && join(folder, 'instances');
}

/** Where the content is, in a sentence. */
export function nameOfPlace({ storage: { driver } }: Config): string {
  switch (driver.kind) {
    case 'filesystem':
      return `the folder ${driver.rootdirectory}`;
    case 's3':
      return nameOfBucket(driver.bucket, keyPrefix(driver.rootdirectory));
    case 'inmemory':
      return 'memory';
  }
}

function nameOfBucket(bucket: string, prefix: string): string {
  return prefix === '' ? `the bucket ${bucket}` : `the bucket ${bucket} below ${prefix}`;
}

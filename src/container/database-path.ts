import { join } from 'node:path';
import type { Config } from '../infrastructure/config/config.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';

/**
 * Beside the reference registry's tree, in a folder that it never reads; undefined for a database in memory.
 * @throws StartFailed when the content is not on this machine, and nobody has said where the database is
 */
export function databasePath({ metadata, storage: { driver } }: Config): string | undefined {
  if (metadata.sqlite.path !== undefined) return metadata.sqlite.path;
  if (driver.kind === 's3') {
    throw new StartFailed(
      'metadata.sqlite.path is missing: with storage.s3 the metadata database has no folder of its own, so name a file ' +
        'on a local disk that outlives this process, such as /var/lib/stowage/metadata.db.',
    );
  }
  return driver.kind === 'filesystem' ? join(driver.rootdirectory, 'stowage', 'metadata.db') : undefined;
}

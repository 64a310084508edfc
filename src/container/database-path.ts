import { join } from 'node:path';
import type { Config } from '../infrastructure/config/config.js';

/**
 * Beside the reference registry's tree, in a folder that it never reads, unless another place is named, as it has to be
 * for content in a bucket; undefined for a database in memory.
 */
export function databasePath({ metadata, storage }: Config): string | undefined {
  if (metadata.sqlite.path !== undefined) return metadata.sqlite.path;
  const { driver } = storage;
  return driver.kind === 'filesystem' ? join(driver.rootdirectory, 'stowage', 'metadata.db') : undefined;
}

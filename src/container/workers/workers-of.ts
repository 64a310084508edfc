import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import type { Config } from '../../infrastructure/config/config.js';
import { whyReadOnly } from '../../infrastructure/storage/drivers/filesystem/tree-access.js';
import { fileSystemAt } from '../../infrastructure/system/file-system-type.js';
import type { ServeOptions } from '../../interfaces/cli/commands/serve.js';
import { databasePath } from '../database-path.js';

/** The most that `auto` takes: what more add was never measured (docs/adr/0013). */
const MOST_BY_ITSELF = 8;

export interface Workers {
  readonly count: number;
  /** Why they are fewer than the configuration says; ends a sentence. */
  readonly alone?: string;
}

/** How many processes answer requests. @param cores of the machine */
export function workersOf(
  config: Config,
  options: ServeOptions,
  cores: number = availableParallelism(),
): Workers {
  const { workers } = config.http;
  if (workers === 1) return { count: 1 };
  const alone = whyAlone(config, options);
  if (workers === 'auto') {
    return { count: alone === undefined ? Math.min(MOST_BY_ITSELF, Math.max(1, Math.floor(cores / 2))) : 1 };
  }
  return alone === undefined ? { count: workers } : { count: 1, alone };
}

function whyAlone(config: Config, { trial }: ServeOptions): string | undefined {
  const { driver } = config.storage;
  if (trial) return 'a trial is one process';
  if (driver.kind === 'inmemory') return 'storage in memory is not shared';
  if (driver.kind === 'filesystem' && whyReadOnly(driver.rootdirectory) !== undefined) {
    return 'the folder cannot be written';
  }
  const path = databasePath(config);
  if (path !== undefined && fileSystemAt(dirname(path)).kind === 'network') {
    return 'the metadata database lies on a network disk';
  }
  return undefined;
}

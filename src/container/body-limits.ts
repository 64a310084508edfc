import { SMALL_BODIES, type WholeBodyLimits } from '../application/services/whole-bodies.js';
import type { Config } from '../infrastructure/config/config.js';

/** Bytes of all bodies that are kept for an object store. */
const ALL_FOR_OBJECTS = 32 * 1024 * 1024;

/** Which bodies of requests are kept in memory instead of being staged in the storage. */
export function bodyLimits(driver: Config['storage']['driver']): WholeBodyLimits {
  switch (driver.kind) {
    case 'filesystem':
    case 'inmemory':
      return SMALL_BODIES;
    case 's3':
      // Put to its place by one request; staged it would be put, copied and removed.
      return { longest: driver.chunksize, total: ALL_FOR_OBJECTS };
  }
}

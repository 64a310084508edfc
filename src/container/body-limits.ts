import { SMALL_BODIES, type WholeBodyLimits } from '../application/services/whole-bodies.js';
import type { Config } from '../infrastructure/config/config.js';

/** Which bodies of requests are kept in memory instead of being staged in the storage. */
export function bodyLimits(driver: Config['storage']['driver']): WholeBodyLimits {
  switch (driver.kind) {
    case 'filesystem':
    case 'inmemory':
      return SMALL_BODIES;
  }
}

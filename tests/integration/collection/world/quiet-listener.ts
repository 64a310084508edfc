import type { CollectionListener } from '../../../../src/application/services/collection-run.js';

/** Nobody watches: what went is seen in the database and the tree. */
export const QUIET_LISTENER: CollectionListener = {
  manifestRemoved: () => undefined,
  due: () => undefined,
  reviewed: () => undefined,
  removed: () => undefined,
  failed: () => undefined,
};

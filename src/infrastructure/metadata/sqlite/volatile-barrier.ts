import type { DurabilityBarrier } from '../../../application/ports/metadata/durability-barrier.js';

/** The barrier of a database in memory, which promises nothing beyond the process. */
export class VolatileBarrier implements DurabilityBarrier {
  wait(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

import type { DurabilityBarrier } from '../../../application/ports/metadata/durability-barrier.js';
import { SyncCounts } from './sync-counts.js';

/** The barrier of a database in memory, which promises nothing beyond the process. */
export class VolatileBarrier implements DurabilityBarrier {
  /** Nothing is synced, and nobody waits. */
  readonly counts = new SyncCounts();

  wait(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

import type { ReloadOutcome } from '../../use-cases/maintenance/reload-configuration.js';

/** Who asked for a reload, and waits for what comes of it: random, never the same twice. */
export type ReloadRequest = string;

/** How other processes of the same machine ask this one to reload its configuration. */
export interface ReloadRequests {
  /** Those that are not answered yet. */
  pending(): readonly ReloadRequest[];
  /** Tells who asked, and forgets the request. */
  answer(request: ReloadRequest, outcome: ReloadOutcome): void;
}

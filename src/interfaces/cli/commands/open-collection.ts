import type { CollectGarbage } from '../../../application/use-cases/maintenance/collect-garbage.js';
import type { DropUnreadable } from '../../../application/use-cases/maintenance/drop-unreadable.js';
import type { ReportKept } from '../../../application/use-cases/maintenance/report-kept.js';
import type { ScanOrphans } from '../../../application/use-cases/maintenance/scan-orphans.js';
import type { Grace } from '../../../domain/lifecycle/grace.js';

export interface CollectionOptions {
  /** Nothing is changed; what would be is told. */
  readonly dryRun: boolean;
}

/** Tree and database, open to be collected. */
export interface OpenCollection {
  readonly collect: CollectGarbage;
  readonly reportKept: ReportKept;
  readonly dropUnreadable: DropUnreadable;
  readonly scanOrphans: ScanOrphans;
  /** Upload folders that nobody knows are removed when they are older (ms). */
  readonly uploadAge: number;
  /** The configured one. */
  readonly grace: Grace;
  /** Whether another process uses the folder, and so its clients may be about to push. */
  readonly shared: boolean;
  /** Why what it says may be out of date; undefined when it is not. */
  readonly caveat: string | undefined;
  /** Aborted when the user wants it to stop. */
  readonly signal: AbortSignal;
  /** A fault of storage or database as a sentence; any other error as it is. */
  explain(error: unknown): unknown;
  close(): Promise<void>;
}

import type { ConfigurationRequest } from '../../../application/ports/system/configuration-reader.js';
import type { RepairIndex } from '../../../application/use-cases/maintenance/repair-index.js';
import type { ReplayReport } from '../../../application/use-cases/maintenance/replay-names.js';
import type { VerifyIndex } from '../../../application/use-cases/maintenance/verify-index.js';

export interface IndexRequest {
  readonly configuration: ConfigurationRequest;
  /** `verify` can change nothing; the others name the side that is changed. */
  readonly purpose: 'verify' | 'flush' | 'repair-tree' | 'repair-database';
}

/** Tree and database, open to be compared. */
export interface OpenIndex {
  readonly verify: VerifyIndex;
  /** Not for the purpose `verify`. */
  repair(): Promise<RepairIndex>;
  /** Writes the links that processes have left which have ended. Only for the purpose `flush`. */
  flush(): Promise<ReplayReport>;
  /** Whether another process uses the folder: what it has changed is for it to write. */
  readonly shared: boolean;
  /** Whether a process has ended that had not written all its links: then the tree lacks them for that reason. */
  readonly unfinished: boolean;
  /** Whether the database has yet to take over a part of the folder: what only the folder has is then no name too many. */
  readonly incomplete: boolean;
  /** Aborted when the user wants it to stop. */
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

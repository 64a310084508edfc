import type { CopyStorage } from '../../../application/use-cases/maintenance/copy-storage.js';

/** Two storages, by the files of their configurations. */
export interface CopyRequestOfFiles {
  readonly from: string;
  readonly to: string;
}

/** Two storages, open so that one can be copied into the other. */
export interface OpenCopy {
  readonly copy: CopyStorage;
  /**
   * Why it is not certain that a copy has everything, whatever it finds: something may change in the source meanwhile, or
   * the source's tree may lack what its database knows. Sentences without their full stop; none when it is certain.
   */
  readonly doubts: readonly string[];
  /** Aborted when the user wants it to stop. */
  readonly signal: AbortSignal;
  /** What is to be said of an error of the copy. */
  explain(error: unknown): unknown;
  close(): Promise<void>;
}

/** Throws ConfigurationError, UsageError or StartFailed for what its user can put right. */
export type OpenCopyOf = (request: CopyRequestOfFiles) => Promise<OpenCopy>;

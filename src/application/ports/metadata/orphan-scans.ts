import type { Digest } from '../../../domain/content/digest.js';

/** A search for bytes that no row knows, and how far it has come. */
export interface OrphanScan {
  /** Ms of Unix time on the storage's clock. */
  readonly startedAt: number;
  /** The age (ms) under which nothing is taken for an orphan. */
  readonly grace: number;
  /** Every blob of the tree up to this one was looked at; undefined before the first. */
  readonly after: Digest | undefined;
}

/**
 * Notes of the one scan that is under way, so that a killed one goes on where it stood. Each method is one transaction,
 * which survives `kill -9`.
 */
export interface OrphanScans {
  /** Undefined when none is under way. */
  current(): Promise<OrphanScan | undefined>;

  /** In place of one that was under way. */
  begin(scan: { readonly startedAt: number; readonly grace: number }): Promise<void>;

  /** Everything up to a blob was looked at, and these of it may be orphans. */
  reach(after: Digest, candidates: readonly Digest[]): Promise<void>;

  /** What may be an orphan and was not settled, in the order of digests, behind `after`. */
  candidates(after: Digest | undefined, limit: number): Promise<readonly Digest[]>;

  /** It is known what became of all candidates. */
  settle(): Promise<void>;

  /** Forgets the scan. */
  end(): Promise<void>;
}

import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { ClaimToken } from '../storage/blob-removal.js';
import type { DuePage, DueRow, ReviewMoment } from './reviews.js';

/** A content (one life of a digest) that is due. */
export interface DueContent extends DueRow {
  readonly id: number;
}

/** Under which a worker removes bytes. Times are ms of Unix time. */
export interface Claim {
  readonly token: ClaimToken;
  readonly until: number;
}

/**
 * `condemned`: the bytes may be removed under the claim, once that is durable; a push of the digest waits. `referenced`:
 * a link or a manifest names it; its review time is cleared. `pending`: a link file that names it may still be there; due
 * again in a minute. `unreadable`: a link in the tree that can not be read is about this digest; kept, and looked at again
 * by an explicit `gc`. `not-due`: it is gone, reserved anew, or condemned by another.
 */
export type Condemnation = 'condemned' | 'referenced' | 'pending' | 'unreadable' | 'not-due';

/** A removal whose worker has let its lease run out. */
export interface ExpiredClaim {
  readonly id: number;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly token: ClaimToken;
}

/** The rows of contents on their way out: condemn, take over, forget. Each method is one transaction. */
export interface ContentRemovals {
  dueContents(page: DuePage): Promise<readonly DueContent[]>;

  /** Repositories that have had a link or a manifest of it and lost it; those that have it again may be among them. */
  formerRepositories(id: number): Promise<readonly RepositoryName[]>;

  /** Looks at each of them under the lock; the answers are in their order. Give a few at a time. */
  condemn(
    contents: readonly DueContent[],
    claim: Claim,
    moment: ReviewMoment,
  ): Promise<readonly Condemnation[]>;

  expired(now: number, limit: number): Promise<readonly ExpiredClaim[]>;

  /** That of one digest; undefined when it is not condemned or its worker's lease runs. */
  expiredOf(digest: Digest, now: number): Promise<ExpiredClaim | undefined>;

  /** Call it after the old fence was broken. False when another worker has it, or the lease was not over. */
  takeOver(expired: ExpiredClaim, claim: Claim, now: number): Promise<boolean>;

  /** Deletes the rows that still bear the claim. @returns how many of them */
  forget(ids: readonly number[], token: ClaimToken): Promise<number>;

  /**
   * Ends a removal whose row still bears the claim, when it is certain that nothing was removed under the claim and
   * nothing will be: the digest begins a new life, reserved, to be looked at at `reviewAfter`. Whether the bytes are
   * there is not known, so reservations of the old life are void.
   */
  release(id: number, token: ClaimToken, reviewAfter: number): Promise<void>;

  /** Whether any content is condemned under the claim. */
  isClaimed(token: ClaimToken): Promise<boolean>;
}

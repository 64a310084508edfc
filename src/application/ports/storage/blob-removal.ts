import type { Digest } from '../../../domain/content/digest.js';

/** 16 random bytes, never used twice: the claim under which one worker removes bytes. */
export type ClaimToken = Buffer;

/**
 * `gone`: nothing is at the digest's path any more, or nothing was. `fenced`: the fence of the claim was broken, and the
 * path is as it was. `unsure`: it is not known; nothing more may be done under this claim.
 */
export type RemovalOutcome = 'gone' | 'fenced' | 'unsure';

/**
 * Takes bytes from their digest's path through the fence of a claim. After `breakFence(token)` has returned, no
 * `remove(…, token)`, begun earlier or later, by whatever process, changes the path of a digest.
 *
 * Faults of the medium are thrown as StorageFault. After one of `remove` that leaves doubt it is not known what
 * happened, as after `unsure`; after any other the path is as it was.
 */
export interface BlobRemoval {
  /**
   * Opens a fence and breaks it, the first time that it is called: rejects as `openFence` does, before anything was
   * made to go.
   */
  prove(): Promise<void>;

  /** Rejects when it can be told that the storage can remove nothing through fences: then nothing must be condemned. */
  openFence(token: ClaimToken): Promise<void>;

  /** A reader that has the bytes open goes on reading them. */
  remove(digest: Digest, token: ClaimToken): Promise<RemovalOutcome>;

  /** Ends a claim, one's own or another's, and frees what was taken under it. May be repeated. */
  breakFence(token: ClaimToken): Promise<void>;

  /**
   * Claims whose fences were opened before a moment (ms of Unix time on the storage's clock) and not broken yet. One
   * under which something was removed since may be left out.
   */
  openedBefore(moment: number): Promise<readonly ClaimToken[]>;
}

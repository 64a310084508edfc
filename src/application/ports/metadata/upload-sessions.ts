import type { DigestAlgorithm } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { UploadSession } from '../../../domain/upload/upload-session.js';

/** A unique random token: whoever holds it may write the session's staged file. */
export type LeaseToken = Buffer;

/**
 * `acquired`: the session at its present offset, now under the caller's lease; `broken` is the fence of a holder that
 * let its lease expire, whose file must not be touched: the caller copies from it. `busy`: another holds it.
 */
export type LeaseOutcome =
  | { readonly kind: 'acquired'; readonly session: UploadSession; readonly broken: number | undefined }
  | { readonly kind: 'busy'; readonly session: UploadSession }
  | { readonly kind: 'unknown' };

/** A session in a list in the order of (touchedAt, id); as `after` it tells the next page where this one ended. */
export interface ListedUpload {
  readonly session: UploadSession;
  /** When it was created, given back by a writer, or settled (ms). */
  readonly touchedAt: number;
}

/** At most `limit` sessions strictly behind `after`; undefined for the begin. */
export interface UploadPage {
  readonly after: ListedUpload | undefined;
  readonly limit: number;
}

/**
 * Rows of upload sessions. Changes survive `kill -9` when the method returns; a power loss may take them, as it may
 * the unflushed bytes they speak of.
 */
export interface UploadSessions {
  /**
   * Gives out a session that has nothing yet. Nothing is written: whoever has the database knows it by its id, also after
   * a kill, for `REMEMBERED` ms or until something is done to it, which makes its row.
   * @param session.random becomes a part of the id
   */
  begin(session: {
    readonly random: UploadId;
    readonly repository: RepositoryName;
    readonly algorithm: DigestAlgorithm;
    readonly now: number;
  }): Promise<UploadId>;

  /** Undefined when the repository has no such session, or it was cancelled. */
  find(repository: RepositoryName, id: UploadId): Promise<UploadSession | undefined>;

  /** Whether there is a row of it, in whatever state and of whatever repository. */
  isKnown(id: UploadId): Promise<boolean>;

  /** Takes the lease when it is free or expired at `now`; an expired one is broken: the fence goes up by one. */
  acquire(
    repository: RepositoryName,
    id: UploadId,
    lease: { readonly token: LeaseToken; readonly now: number; readonly until: number },
  ): Promise<LeaseOutcome>;

  /** Prolongs the lease; false when it was lost: the holder must stop writing. */
  renew(id: UploadId, token: LeaseToken, until: number): Promise<boolean>;

  /** Records the offset and gives the lease back; false when it was lost. Call it after the writer is closed. */
  release(id: UploadId, token: LeaseToken, offset: number, now: number): Promise<boolean>;

  /** Ends the session for its clients; its files are removed by the caller. False when there is no open session. */
  cancel(repository: RepositoryName, id: UploadId, now: number): Promise<boolean>;

  /**
   * Open sessions to which nobody has written since `before` (ms): no request has ended since then, and no lease has
   * lived since then, so that a request whose bytes still come keeps its session, and one whose process was killed
   * counts as of its last sign of life.
   */
  abandoned(before: number, page: UploadPage): Promise<readonly ListedUpload[]>;

  /**
   * Ends an abandoned session for its clients, as `cancel` does. False, and nothing changed, when it is none, or none
   * any more: looked at and changed in one transaction.
   */
  purge(id: UploadId, before: number, now: number): Promise<boolean>;

  /**
   * Sessions that are cancelled, and behind them those completed before `completedBefore` (ms): their folders may go,
   * then their rows.
   */
  settled(completedBefore: number, page: UploadPage): Promise<readonly ListedUpload[]>;

  /**
   * Deletes the row of a settled session. False, and nothing is done, as long as its id alone would pass for a session
   * that has nothing yet.
   */
  forget(id: UploadId): Promise<boolean>;
}

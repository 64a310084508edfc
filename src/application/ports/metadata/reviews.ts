import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { NameChange } from './name-journal.js';

/** A row that collection has to look at. */
export interface DueRow {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Tells the next page where this one ended. */
  readonly cursor: DueCursor;
}

/** A link (a blob that a repository has) or a manifest that is due. */
export interface DueName extends DueRow {
  readonly repository: RepositoryName;
}

/** In the order (review time, repository's id or 0, content's id). */
export type DueCursor = readonly [reviewAfter: number, repositoryId: number, contentId: number];

/** What is due at a moment, in the order in which it became due. */
export interface DuePage {
  /** Reviews up to this one (ms of Unix time, included) are due. */
  readonly dueUntil: number;
  readonly after: DueCursor | undefined;
  readonly limit: number;
}

/** The moment of a review: `now` for new times, `dueUntil` for what counts as due. */
export interface ReviewMoment {
  readonly now: number;
  readonly dueUntil: number;
}

/**
 * `unlinked`: the link is gone, its content is due. `referenced`: a manifest of the repository names it; its review time
 * is cleared. `unreadable`: something in the repository can not be read, and may name it; it is kept, and looked at
 * again by an explicit `gc`. `not-due`: it is gone or was renewed meanwhile. `unreferenced`: it would go, and is still due.
 */
export type LinkReview =
  | { readonly kind: 'unlinked'; readonly changes: readonly NameChange[] }
  | { readonly kind: 'referenced' | 'unreadable' | 'not-due' | 'unreferenced' };

/** What a review does about what nothing needs: it removes it, or tells that it would. */
export type Removal = 'remove' | 'tell';

export interface RemovedManifest {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/**
 * `removed`: it and what had to go with it, in the order in which they went. `kept`: a tag, a kept index or a kept
 * subject holds it; its review time is cleared. `too-many`: more than 1,000 manifests stand above it; it is kept, and
 * looked at again by an explicit `gc`. `unreadable`, `not-due` as for links. `unkept`: it would go, and is still due.
 */
export type ManifestReview =
  | {
      readonly kind: 'removed';
      readonly manifests: readonly RemovedManifest[];
      readonly changes: readonly NameChange[];
    }
  | { readonly kind: 'kept' | 'too-many' | 'unreadable' | 'not-due' | 'unkept' };

/** When what waits for a request is due, now that one was made. */
export interface RequestedTimes {
  readonly links: number;
  readonly others: number;
}

/** What nothing needs and is kept for its grace alone. */
export interface YoungContent {
  /** Blobs that no manifest references anywhere. */
  readonly blobs: number;
  readonly bytes: number;
  /** When the last of them is due, ms of Unix time; 0 for none. */
  readonly until: number;
}

export interface UnreadableRepository {
  /** Of the repository: the next page is behind it. */
  readonly row: number;
  readonly repository: string;
  /** Things in it that can not be read. */
  readonly count: number;
}

/**
 * Reviews of names, each in one transaction with its look and its change. Nothing is durable, and no link file follows,
 * before the changes have been published.
 */
export interface Reviews {
  /** What only a request looks at (ON_REQUEST) is due at these times from now on. @returns how many; at most `limit` */
  request(times: RequestedTimes, limit: number): Promise<number>;

  /**
   * A subject that goes makes only so many of its referrers due as one transaction can look at; this goes on with others
   * of them, in one transaction. They are due since the subject went; where it has come back they are left as they are.
   * @returns whether there was something to go on with; false when nothing is left
   */
  scheduleReferrers(): Promise<boolean>;

  /**
   * Rows that are due; manifests only with `untagged`. Counts them one by one: for shows of progress, never in a process
   * that serves.
   */
  countDue(dueUntil: RequestedTimes, what: { readonly untagged: boolean }): Promise<number>;

  dueLinks(page: DuePage): Promise<readonly DueName[]>;
  /**
   * One transaction for all of them, so give a few; the answers are in their order.
   * @param removal default: `remove`
   */
  reviewLinks(
    links: readonly DueName[],
    moment: ReviewMoment,
    removal?: Removal,
  ): Promise<readonly LinkReview[]>;

  dueManifests(page: DuePage): Promise<readonly DueName[]>;
  /** Retention: removes a manifest that no tag reaches. */
  reviewManifest(manifest: DueName, moment: ReviewMoment, removal?: Removal): Promise<ManifestReview>;

  /** Walks everything that has a grace: for reports, never in a process that serves. */
  young(dueUntil: number): Promise<YoungContent>;

  /** Repositories in which something can not be read, in the order of rows behind `after`; 0 for the begin. */
  unreadable(after: number, limit: number): Promise<readonly UnreadableRepository[]>;

  /** From now on what can not be read there holds nothing any more. @returns how many things that were */
  dropUnreadable(repository: RepositoryName): Promise<number>;
}

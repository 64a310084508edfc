import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { NameChange } from './name-journal.js';

/** A row that collection has to look at. */
export interface DueRow {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** When it became due, ms of Unix time; ON_REQUEST when only an explicit `gc` looks at it. */
  readonly reviewAfter: number;
  /** Tells the next page where this one ended. Rows behind it in the order of their review are still to come. */
  readonly cursor: DueCursor;
}

/** A link (a blob that a repository has) or a manifest that is due. */
export interface DueName extends DueRow {
  readonly repository: RepositoryName;
}

/** In the order (reviewAfter, repository's id or 0, content's id). */
export type DueCursor = readonly [reviewAfter: number, repositoryId: number, contentId: number];

/** What is due at a moment, in the order in which it became due. */
export interface DuePage {
  /** Reviews up to this one (ms, included) are due; Infinity for all, those of ON_REQUEST as well. */
  readonly dueUntil: number;
  readonly after: DueCursor | undefined;
  readonly limit: number;
  /** Only of this repository; undefined for all. Contents have no repository. */
  readonly repository: RepositoryName | undefined;
}

/** The moment of a review: `now` for new times, `dueUntil` for what counts as due. */
export interface ReviewMoment {
  readonly now: number;
  readonly dueUntil: number;
}

/**
 * `unlinked`: the link is gone, its content is due. `referenced`: a manifest of the repository names it; its review time
 * is cleared. `unreadable`: something in the repository can not be read, or an incomplete manifest there names it; it
 * is kept, and looked at again by an explicit `gc`. `not-due`: it is gone or was renewed meanwhile.
 */
export type LinkReview =
  | { readonly kind: 'unlinked'; readonly changes: readonly NameChange[] }
  | { readonly kind: 'referenced' | 'unreadable' | 'not-due' };

/**
 * `removed`: it and what of its parents had to go with it, in the order in which they went. `kept`: a tag, a kept index
 * or a kept subject holds it, its review time is cleared. `too-many`: more than 1,000 manifests stand above it; kept.
 * `unreadable`, `not-due` as for links.
 */
export type ManifestReview =
  | {
      readonly kind: 'removed';
      readonly manifests: readonly { readonly digest: Digest; readonly size: number }[];
      readonly changes: readonly NameChange[];
    }
  | { readonly kind: 'kept' | 'too-many' | 'unreadable' | 'not-due' };

/**
 * Reviews of names, each in one transaction with its look and its change. Nothing is durable, and no link file follows,
 * before the changes have been published.
 */
export interface Reviews {
  dueLinks(page: DuePage): Promise<readonly DueName[]>;
  reviewLink(link: DueName, moment: ReviewMoment): Promise<LinkReview>;

  dueManifests(page: DuePage): Promise<readonly DueName[]>;
  /** Retention: removes a manifest that no tag reaches. */
  reviewManifest(manifest: DueName, moment: ReviewMoment): Promise<ManifestReview>;

  /** Repositories in which something can not be read, with how many such things; in byte order behind `after`. */
  unreadable(
    after: string | undefined,
    limit: number,
  ): Promise<readonly { readonly repository: string; readonly count: number }[]>;

  /** From now on what can not be read there holds nothing any more. @returns how many things that were */
  dropUnreadable(repository: RepositoryName): Promise<number>;
}

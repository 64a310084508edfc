import type { Digest } from '../../domain/content/digest.js';
import type { Grace } from '../../domain/lifecycle/grace.js';
import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type {
  ChainedManifest,
  ManifestStanding,
  Some,
  StoredContent,
  StoredLink,
  StoredRevision,
  UnreadableThing,
} from '../ports/metadata/content-holders.js';

/**
 * What becomes of a digest. `kept`: nothing removes it as things stand, unless somebody asks for that. `goes`: collection removes
 * it, at some time. `being-removed`: its bytes are on their way out. `unknown`: the registry does not know it.
 */
export type Verdict = 'kept' | 'goes' | 'being-removed' | 'unknown';

/** Why a digest is kept, or when and why it goes. All times are ms of Unix time, ON_REQUEST among review times. */
export interface ContentExplanation {
  readonly digest: Digest;
  /** Where it was asked for; undefined for the whole registry. */
  readonly repository: RepositoryName | undefined;
  readonly now: number;
  readonly verdict: Verdict;
  /** Before this moment it does not go; undefined when it is kept, or there is no telling. */
  readonly goesFrom: number | undefined;
  /** Undefined when it is unknown. */
  readonly content: StoredContent | undefined;
  /** Repositories that have it; of many the first ones, and one that keeps it. */
  readonly holders: Some<HolderExplanation>;
  /** True when so many repositories have it that not all were looked at: then it counts as kept. */
  readonly unexamined: boolean;
  readonly bytes: BytesFate;
  /** Names whose link file may still hold it: its bytes stay as long. */
  readonly pending: Some<LinkedName>;
  /** Things in the tree that can not be read and may be about it: its bytes stay as long. */
  readonly unreadable: Some<UnreadableThing>;
  /** Whether the tree is still being taken over: nothing is removed before that has ended. */
  readonly adopting: boolean;
  readonly policy: CollectionPolicy;
}

/** What the registry does by itself. */
export interface CollectionPolicy {
  /** Whether it removes what nothing references. */
  readonly collects: boolean;
  /** Whether manifests that no tag reaches count as unreferenced. */
  readonly removesUntagged: boolean;
  readonly grace: Grace;
}

/** What a repository has of it: a blob, a manifest, or both. */
export interface HolderExplanation {
  readonly repository: RepositoryName;
  readonly link: (StoredLink & { readonly fate: LinkFate }) | undefined;
  readonly manifest:
    (StoredRevision & { readonly fate: ManifestFate; readonly hasSubject: boolean }) | undefined;
}

/**
 * What holds a name although nothing is known to reference it. `unreadable`: things of the repository can not be read,
 * so all that it has may be needed. `too-many`: so much may reference it that nobody looks at all of it.
 */
export type Doubt =
  { readonly kind: 'unreadable'; readonly things: Some<UnreadableThing> } | { readonly kind: 'too-many' };

/** When something that nothing holds is looked at: from a moment on, by an explicit `gc` alone, or by nobody. */
export type Review =
  | { readonly kind: 'goes'; readonly from: number }
  | { readonly kind: 'on-request' }
  | { readonly kind: 'unscheduled' };

export type LinkFate = { readonly kind: 'referenced'; readonly by: Some<BlobReference> } | Doubt | Review;

/** A manifest that references a blob. */
export interface BlobReference {
  readonly manifest: Digest;
  /** `child`: an index lists the blob as it does manifests. Undefined when the manifest is not understood. */
  readonly role: 'config' | 'layer' | 'child' | undefined;
  /** Undefined when the manifest went meanwhile. */
  readonly standing: ManifestStanding | undefined;
}

/**
 * `tagged`: a chain from a tag holds it. `untagged`: no tag reaches it; `review` is what the registry does by itself
 * (undefined when it leaves such manifests alone), `removableFrom` the moment from which `gc --delete-untagged` removes
 * it (undefined for at once), since the first of `latest` stands above it, or is itself, and is young until then.
 */
export type ManifestFate =
  | { readonly kind: 'tagged'; readonly chain: readonly ChainedManifest[] }
  | Doubt
  | {
      readonly kind: 'untagged';
      readonly review: Review | undefined;
      readonly removableFrom: number | undefined;
      readonly latest: readonly ChainedManifest[] | undefined;
      /** Whether it, or something above it, waits for an explicit `gc`, which beside a server grants a grace first. */
      readonly onRequest: boolean;
    };

/**
 * Of the bytes themselves. `held`: a repository has them. `unreadable`: none has (soon), but something that can not be
 * read may be about them. `removing`: somebody does that under a claim, which holds until then. `absent`: the
 * registry knows of none. Otherwise what follows once no repository has them.
 */
export type BytesFate =
  | { readonly kind: 'held' | 'unreadable' | 'absent' }
  | { readonly kind: 'removing'; readonly until: number | undefined }
  | Review;

/** Whether the repository keeps it as things stand: one of its names is enough. */
export function isKept({ link, manifest }: HolderExplanation): boolean {
  return [link, manifest].some((name) => name !== undefined && goesFrom(name.fate) === undefined);
}

/** Undefined when it does not go. */
export function goesFrom(fate: LinkFate | ManifestFate): number | undefined {
  if (fate.kind === 'goes') return fate.from;
  return fate.kind === 'untagged' && fate.review?.kind === 'goes' ? fate.review.from : undefined;
}

import type { Digest } from '../../domain/content/digest.js';
import { ON_REQUEST } from '../../domain/lifecycle/grace.js';
import { parseStoredManifest } from '../../domain/manifest/parse-stored-manifest.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type {
  ContentHolders,
  Holder,
  ManifestStanding,
  ReferencingManifest,
  StoredRevision,
} from '../ports/metadata/content-holders.js';
import type {
  BlobReference,
  CollectionPolicy,
  Doubt,
  HolderExplanation,
  LinkFate,
  ManifestFate,
  Review,
} from './content-explanation.js';

/** Manifests that reference a blob, and things that can not be read, of which an explanation tells. */
const NAMED = 5;

/** What stands above a manifest that went meanwhile. */
const GONE = { latest: undefined, onRequest: 'no' } as const;

type Untagged = Extract<ManifestStanding, { kind: 'untagged' }>;

/** Says what holds the names that one repository has for a digest, by the rules of the reviews of collection. */
export class HolderExplainer {
  readonly #holders: ContentHolders;
  readonly #policy: CollectionPolicy;

  constructor(holders: ContentHolders, policy: CollectionPolicy) {
    this.#holders = holders;
    this.#policy = policy;
  }

  async explain(
    digest: Digest,
    { repository, link, manifest }: Holder,
    now: number,
  ): Promise<HolderExplanation> {
    return {
      repository,
      link: link && { ...link, fate: await this.#linkFate(repository, digest, link.reviewAfter) },
      manifest: manifest && {
        ...manifest,
        fate: await this.#manifestFate(repository, digest, manifest.reviewAfter, now),
        hasSubject: await this.#hasSubject(repository, manifest),
      },
    };
  }

  async #linkFate(
    repository: RepositoryName,
    digest: Digest,
    reviewAfter: number | undefined,
  ): Promise<LinkFate> {
    const by = await this.#holders.referencing(repository, digest, NAMED);
    if (by?.items.length === 0) return (await this.#unreadable(repository)) ?? reviewOf(reviewAfter);
    if (by === undefined) return (await this.#unreadable(repository)) ?? { kind: 'too-many' };
    const items: BlobReference[] = [];
    for (const manifest of by.items) items.push(await this.#reference(repository, digest, manifest));
    return { kind: 'referenced', by: { items, more: by.more } };
  }

  async #reference(
    repository: RepositoryName,
    blob: Digest,
    manifest: ReferencingManifest,
  ): Promise<BlobReference> {
    const standing = await this.#holders.standing(repository, manifest.digest);
    return { manifest: manifest.digest, role: roleOf(blob, manifest), standing };
  }

  async #manifestFate(
    repository: RepositoryName,
    digest: Digest,
    reviewAfter: number | undefined,
    now: number,
  ): Promise<ManifestFate> {
    const standing = await this.#holders.standing(repository, digest);
    if (standing?.kind === 'tagged' || standing?.kind === 'too-many') return standing;
    return (await this.#unreadable(repository)) ?? this.#untagged(standing, reviewAfter, now);
  }

  #untagged(
    standing: ManifestStanding | undefined,
    reviewAfter: number | undefined,
    now: number,
  ): ManifestFate {
    const { latest, onRequest } = standing?.kind === 'untagged' ? standing : GONE;
    const removableFrom = latest?.[0]?.reviewAfter;
    return {
      kind: 'untagged',
      review: this.#policy.removesUntagged
        ? this.#review(onRequest, removableFrom ?? reviewAfter, now)
        : undefined,
      removableFrom,
      latest,
      onRequest: onRequest !== 'no' || reviewAfter === ON_REQUEST,
    };
  }

  /** When something goes that stands above it, it is looked at as well. */
  #review(onRequest: Untagged['onRequest'], latest: number | undefined, now: number): Review {
    if (onRequest === 'waits') return { kind: 'on-request' };
    if (onRequest === 'no') return reviewOf(latest);
    return { kind: 'goes', from: this.#policy.grace.end(Math.max(latest ?? 0, now)) };
  }

  async #unreadable(repository: RepositoryName): Promise<Doubt | undefined> {
    const things = await this.#holders.unreadable(repository, NAMED);
    return things.items.length > 0 ? { kind: 'unreadable', things } : undefined;
  }

  async #hasSubject(repository: RepositoryName, { subject }: StoredRevision): Promise<boolean> {
    if (subject === undefined) return false;
    return (await this.#holders.holder(repository, subject))?.manifest !== undefined;
  }
}

export function reviewOf(reviewAfter: number | undefined): Review {
  if (reviewAfter === undefined) return { kind: 'unscheduled' };
  return reviewAfter === ON_REQUEST ? { kind: 'on-request' } : { kind: 'goes', from: reviewAfter };
}

function roleOf(blob: Digest, { bytes, digest, mediaType }: ReferencingManifest): BlobReference['role'] {
  const read = parseStoredManifest(bytes, digest, mediaType);
  const content = 'content' in read ? read.content?.content : undefined;
  if (content === undefined) return undefined;
  if (content.kind === 'index') return 'child';
  return content.config.digest?.equals(blob) === true ? 'config' : 'layer';
}

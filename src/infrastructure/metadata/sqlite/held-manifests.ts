import type {
  ChainedManifest,
  ManifestStanding,
  StoredRevision,
} from '../../../application/ports/metadata/content-holders.js';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import {
  reachManifest,
  type ChainLink,
  type ManifestGraph,
} from '../../../domain/lifecycle/manifest-reach.js';
import { decodeDigest } from '../sql/digest-codec.js';
import { holderStatements } from '../sql/holder-statements.js';
import { lookStatements } from '../sql/look-statements.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { tagStatements } from '../sql/tag-statements.js';
import { MediaTypes } from './media-types.js';
import { some } from './some.js';
import type { SqliteDatabase } from './sqlite-database.js';
import type { UnwrittenReferences } from './unwritten-references.js';

/** Tags of a manifest that are named. */
const NAMED = 10;

interface FoundManifest {
  readonly repository: string;
  readonly revision: StoredRevision;
}

interface ManifestRow {
  readonly repository_id: number;
  readonly content_id: number;
  readonly repository: string;
  readonly media_type_id: number;
  readonly pushed_at: number;
  readonly review_after: number | null;
  readonly incomplete: 0 | 1;
  readonly subject: Uint8Array | null;
}

/** Rows of manifests with what stands above them, inside the snapshots of a port. */
export class HeldManifests {
  readonly #unwritten: UnwrittenReferences;
  readonly #mediaTypes: MediaTypes;
  readonly #page;
  readonly #find;
  readonly #digest;
  readonly #tags;
  readonly #isTagged;
  readonly #parents;
  readonly #manifestId;

  constructor(database: SqliteDatabase, unwritten: UnwrittenReferences) {
    this.#unwritten = unwritten;
    this.#mediaTypes = new MediaTypes(database);
    this.#page = database.prepare(holderStatements.manifests);
    this.#find = database.prepare(holderStatements.manifest);
    this.#digest = database.prepare(manifestStatements.content);
    this.#tags = database.prepare(holderStatements.tags);
    this.#isTagged = database.prepare(tagStatements.names);
    this.#parents = database.prepare(lookStatements.parents);
    this.#manifestId = database.prepare(lookStatements.manifestId);
  }

  /** By the row of their repository. */
  page(contentId: number, after: number, limit: number): ReadonlyMap<number, FoundManifest> {
    const rows = this.#page.all(contentId, after, limit);
    return new Map(rows.map((row) => [row.repository_id, this.#toManifest(row)]));
  }

  find(repositoryId: number, contentId: number): FoundManifest | undefined {
    const row = this.row(repositoryId, contentId);
    return row && this.#toManifest(row);
  }

  /** Undefined when there is no such manifest. */
  row(repositoryId: number, contentId: number): ManifestRow | undefined {
    return this.#find.get(contentId, repositoryId);
  }

  /** Undefined when there is no such manifest. */
  standing(repositoryId: number, contentId: number): ManifestStanding | undefined {
    if (this.row(repositoryId, contentId) === undefined) return undefined;
    const above = new ManifestsAbove(this, repositoryId);
    const reach = reachManifest(above, contentId, Number.POSITIVE_INFINITY);
    if (reach.kind === 'kept') return { kind: 'tagged', chain: this.#chain(repositoryId, reach.chain) };
    if (reach.kind === 'too-many' || above.isUnclear) return { kind: 'too-many' };
    const onRequest = above.onRequest(reach.visited.slice(1));
    const times = reach.visited.flatMap((manifest) => above.reviewAfter(manifest) ?? []);
    if (times.length === 0) return { kind: 'untagged', latest: undefined, onRequest };
    const latest = reachManifest(above, contentId, Math.max(...times) - 1);
    if (latest.kind !== 'kept') throw new Error('the manifest that is reviewed last was not found again');
    return { kind: 'untagged', latest: this.#chain(repositoryId, latest.chain), onRequest };
  }

  isTagged(repositoryId: number, contentId: number): boolean {
    return this.#isTagged.get(repositoryId, contentId) !== undefined;
  }

  /** What lists the manifest, also without a row. Undefined when that can not be told. */
  parents(repositoryId: number, contentId: number, limit: number): readonly number[] | undefined {
    const content = this.#digest.get(contentId);
    const listed = this.#parents.all(repositoryId, contentId, limit).map(({ parent_id: parent }) => parent);
    if (content === undefined) return listed;
    const naming = this.#unwritten.naming(repositoryId, contentId, decodeDigest(content.digest));
    return naming && [...new Set([...listed, ...naming])];
  }

  subject(repositoryId: number, contentId: number): number | undefined {
    const subject = this.row(repositoryId, contentId)?.subject;
    return subject ? this.#manifestId.get(repositoryId, subject)?.content_id : undefined;
  }

  #chain(repositoryId: number, chain: readonly ChainLink<number>[]): readonly ChainedManifest[] {
    return chain.flatMap(({ manifest, heldBy }) => {
      const row = this.row(repositoryId, manifest);
      const content = this.#digest.get(manifest);
      if (row === undefined || content === undefined) return [];
      const { mediaType, reviewAfter, tags } = this.#toManifest(row).revision;
      return [{ digest: decodeDigest(content.digest), heldBy, mediaType, reviewAfter, tags }];
    });
  }

  #toManifest(row: ManifestRow): FoundManifest {
    const tags = some(NAMED, (most) => this.#tags.all(row.repository_id, row.content_id, most));
    return {
      repository: row.repository,
      revision: {
        mediaType: this.#mediaTypes.name(row.media_type_id),
        pushedAt: row.pushed_at,
        reviewAfter: row.review_after ?? undefined,
        incomplete: row.incomplete === 1,
        subject: row.subject === null ? undefined : decodeDigest(row.subject),
        tags: { ...tags, items: tags.items.map(({ name }) => name) },
      },
    };
  }
}

/** The manifests of a repository as a graph, in which what waits for a request is not young. */
class ManifestsAbove implements ManifestGraph<number> {
  readonly #manifests: HeldManifests;
  readonly #repositoryId: number;
  /** Whether more may stand above a manifest than was found. */
  isUnclear = false;

  constructor(manifests: HeldManifests, repositoryId: number) {
    this.#manifests = manifests;
    this.#repositoryId = repositoryId;
  }

  isTagged(manifest: number): boolean {
    return this.#manifests.isTagged(this.#repositoryId, manifest);
  }

  reviewAfter(manifest: number): number | undefined {
    const review = this.#review(manifest);
    return review === ON_REQUEST ? undefined : review;
  }

  /** Whether some of them wait for a request, and whether something goes before that above each that does. */
  onRequest(manifests: readonly number[]): 'no' | 'waits' | 'follows' {
    const waiting = manifests.filter((manifest) => this.#review(manifest) === ON_REQUEST);
    if (waiting.length === 0) return 'no';
    const goesBefore = (manifest: number): boolean => reachManifest(this, manifest, 0).kind === 'kept';
    return waiting.every(goesBefore) ? 'follows' : 'waits';
  }

  parents(manifest: number, limit: number): readonly number[] {
    const parents = this.#manifests.parents(this.#repositoryId, manifest, limit);
    if (parents === undefined) this.isUnclear = true;
    return parents ?? [];
  }

  subject(manifest: number): number | undefined {
    return this.#manifests.subject(this.#repositoryId, manifest);
  }

  #review(manifest: number): number | undefined {
    return this.#manifests.row(this.#repositoryId, manifest)?.review_after ?? undefined;
  }
}

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
import { manifestStatements } from '../sql/manifest-statements.js';
import { tagStatements } from '../sql/tag-statements.js';
import { MediaTypes } from './media-types.js';
import { some } from './some.js';
import type { SqliteDatabase } from './sqlite-database.js';

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
  readonly #mediaTypes: MediaTypes;
  readonly #page;
  readonly #find;
  readonly #digest;
  readonly #tags;
  readonly #isTagged;
  readonly #parents;
  readonly #subject;

  constructor(database: SqliteDatabase) {
    this.#mediaTypes = new MediaTypes(database);
    this.#page = database.prepare(holderStatements.manifests);
    this.#find = database.prepare(holderStatements.manifest);
    this.#digest = database.prepare(manifestStatements.content);
    this.#tags = database.prepare(holderStatements.tags);
    this.#isTagged = database.prepare(tagStatements.names);
    this.#parents = database.prepare(holderStatements.parents);
    this.#subject = database.prepare(holderStatements.subject);
  }

  /** By the row of their repository. */
  page(contentId: number, after: number, limit: number): ReadonlyMap<number, FoundManifest> {
    const rows = this.#page.all(contentId, after, limit);
    return new Map(rows.map((row) => [row.repository_id, this.#toManifest(row)]));
  }

  find(repositoryId: number, contentId: number): FoundManifest | undefined {
    const row = this.#find.get(contentId, repositoryId);
    return row && this.#toManifest(row);
  }

  /** Undefined when there is no such manifest. */
  standing(repositoryId: number, contentId: number): ManifestStanding | undefined {
    if (this.#find.get(contentId, repositoryId) === undefined) return undefined;
    const graph = this.#graph(repositoryId);
    const reach = reachManifest(graph, contentId, Number.POSITIVE_INFINITY);
    if (reach.kind === 'too-many') return reach;
    if (reach.kind === 'kept') return { kind: 'tagged', chain: this.#chain(repositoryId, reach.chain) };
    const reviews = reach.visited.map((manifest) => graph.reviewAfter(manifest));
    const times = reviews.filter((review) => review !== undefined).filter((review) => review !== ON_REQUEST);
    const onRequest = reviews.includes(ON_REQUEST);
    if (times.length === 0) return { kind: 'untagged', latest: undefined, onRequest };
    const last = Math.max(...times);
    const latest = reachManifest(withoutRequests(graph), contentId, last - 1);
    if (latest.kind !== 'kept') throw new Error('the manifest that is reviewed last was not found again');
    return { kind: 'untagged', latest: this.#chain(repositoryId, latest.chain), onRequest };
  }

  #graph(repositoryId: number): ManifestGraph<number> {
    return {
      isTagged: (manifest) => this.#isTagged.get(repositoryId, manifest) !== undefined,
      reviewAfter: (manifest) => this.#find.get(manifest, repositoryId)?.review_after ?? undefined,
      parents: (manifest, limit) =>
        this.#parents.all(repositoryId, manifest, limit).map(({ parent_id: parent }) => parent),
      subject: (manifest) => {
        const subject = this.#find.get(manifest, repositoryId)?.subject;
        return subject ? this.#subject.get(repositoryId, subject)?.content_id : undefined;
      },
    };
  }

  #chain(repositoryId: number, chain: readonly ChainLink<number>[]): readonly ChainedManifest[] {
    return chain.flatMap(({ manifest, heldBy }) => {
      const row = this.#find.get(manifest, repositoryId);
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

/** The same manifests, of which none is young for the reason that only an explicit `gc` looks at it. */
function withoutRequests(graph: ManifestGraph<number>): ManifestGraph<number> {
  return {
    ...graph,
    reviewAfter: (manifest) => {
      const review = graph.reviewAfter(manifest);
      return review === ON_REQUEST ? undefined : review;
    },
  };
}

import type { Digest } from '../../../domain/content/digest.js';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import type { ManifestGraph } from '../../../domain/lifecycle/manifest-reach.js';
import { decodeDigest } from '../sql/digest-codec.js';
import type { lookStatements } from '../sql/look-statements.js';
import { tagStatements } from '../sql/tag-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';
import type { UnwrittenReference, UnwrittenReferences } from './unwritten-references.js';

/** A manifest of a repository that nothing keeps. */
export interface UnkeptManifest {
  readonly contentId: number;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

interface Visited extends UnkeptManifest {
  readonly reviewAfter: number | undefined;
  readonly subject: Uint8Array | undefined;
  parents: readonly number[];
}

/** What the database says of the manifests of a repository and of what stands above them, inside one transaction. */
export class ManifestGraphs {
  readonly #manifest;
  readonly #manifestId;
  readonly #parents;
  readonly #tagged;
  readonly #unwritten: UnwrittenReferences;

  constructor(database: SqliteDatabase, statements: typeof lookStatements, unwritten: UnwrittenReferences) {
    this.#manifest = database.prepare(statements.manifest);
    this.#manifestId = database.prepare(statements.manifestId);
    this.#parents = database.prepare(statements.parents);
    this.#tagged = database.prepare(tagStatements.names);
    this.#unwritten = unwritten;
  }

  /** @param requestedAt when what waits for a request is due; undefined when it goes on waiting */
  of(repositoryId: number, requestedAt: number | undefined): RepositoryGraph {
    return new RepositoryGraph(this, repositoryId, requestedAt);
  }

  isTagged(repositoryId: number, id: number): boolean {
    return this.#tagged.get(repositoryId, id) !== undefined;
  }

  row(repositoryId: number, id: number) {
    const row = this.#manifest.get(repositoryId, id);
    if (row === undefined) throw new Error('a manifest that is listed has no row');
    return row;
  }

  find(repositoryId: number, digest: Uint8Array): number | undefined {
    return this.#manifestId.get(repositoryId, digest)?.content_id;
  }

  listing(repositoryId: number, id: number, limit: number): readonly number[] {
    return this.#parents.all(repositoryId, id, limit).map((row) => row.parent_id);
  }

  /** Undefined when there are too many incomplete manifests to tell. */
  naming(repositoryId: number, id: number, digest: Digest): readonly number[] | undefined {
    return this.#unwritten.naming(repositoryId, id, digest);
  }
}

/** The manifests of one repository, as one verdict meets them. */
class RepositoryGraph implements ManifestGraph<number> {
  /** References that were met and have no row yet. */
  readonly unwritten: UnwrittenReference[] = [];
  /** Whether it could not be told of all of them what references them. */
  isUnclear = false;
  readonly #graphs: ManifestGraphs;
  readonly #repositoryId: number;
  readonly #requestedAt: number | undefined;
  readonly #visited = new Map<number, Visited>();

  constructor(graphs: ManifestGraphs, repositoryId: number, requestedAt: number | undefined) {
    this.#graphs = graphs;
    this.#repositoryId = repositoryId;
    this.#requestedAt = requestedAt;
  }

  isTagged(id: number): boolean {
    return this.#graphs.isTagged(this.#repositoryId, id);
  }

  reviewAfter(id: number): number | undefined {
    const { reviewAfter } = this.#visit(id);
    return reviewAfter === ON_REQUEST ? (this.#requestedAt ?? ON_REQUEST) : reviewAfter;
  }

  parents(id: number, limit: number): readonly number[] {
    const manifest = this.#visit(id);
    const naming = this.#graphs.naming(this.#repositoryId, id, manifest.digest);
    if (naming === undefined) this.isUnclear = true;
    for (const manifestId of naming ?? []) this.unwritten.push({ manifestId, contentId: id });
    const listing = this.#graphs.listing(this.#repositoryId, id, limit);
    manifest.parents = [...new Set([...listing, ...(naming ?? [])])];
    return manifest.parents;
  }

  subject(id: number): number | undefined {
    const { subject } = this.#visit(id);
    return subject && this.#graphs.find(this.#repositoryId, subject);
  }

  /** Nothing before what lists it. Lists are acyclic: a manifest contains the digests of what it lists. */
  parentsFirst(ids: readonly number[]): readonly UnkeptManifest[] {
    const ordered = new Set<number>();
    const place = (id: number): void => {
      if (ordered.has(id)) return;
      for (const parent of this.#visit(id).parents) place(parent);
      ordered.add(id);
    };
    for (const id of ids) place(id);
    return [...ordered].map((id) => this.#visit(id));
  }

  #visit(id: number): Visited {
    const known = this.#visited.get(id);
    if (known !== undefined) return known;
    const row = this.#graphs.row(this.#repositoryId, id);
    const visited: Visited = {
      contentId: id,
      digest: decodeDigest(row.digest),
      size: row.size,
      reviewAfter: row.review_after ?? undefined,
      subject: row.subject ?? undefined,
      parents: [],
    };
    this.#visited.set(id, visited);
    return visited;
  }
}

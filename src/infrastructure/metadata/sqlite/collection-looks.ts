import type { Digest } from '../../../domain/content/digest.js';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import { reachManifest } from '../../../domain/lifecycle/manifest-reach.js';
import { encodeDigest } from '../sql/digest-codec.js';
import type { lookStatements } from '../sql/look-statements.js';
import { removalStatements } from '../sql/removal-statements.js';
import { ManifestGraphs, type UnkeptManifest } from './manifest-graphs.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { UnwrittenReferences, type UnwrittenReference } from './unwritten-references.js';

export type LinkVerdict =
  | { readonly kind: 'unreferenced' | 'referenced' | 'unreadable' }
  | { readonly kind: 'unwritten'; readonly references: readonly UnwrittenReference[] };

export type ManifestVerdict =
  | { readonly kind: 'kept'; readonly unwritten: readonly UnwrittenReference[] }
  | { readonly kind: 'too-many' | 'unreadable' }
  /** With everything above it, in an order in which nothing is removed before what lists it. */
  | { readonly kind: 'unkept'; readonly manifests: readonly UnkeptManifest[] };

/** Looks whether something is still needed, inside the transactions that act on it. Changes nothing. */
export class CollectionLooks {
  readonly #referenced;
  readonly #linked;
  readonly #isManifest;
  readonly #link;
  readonly #manifest;
  readonly #unwritten: UnwrittenReferences;
  readonly #graphs: ManifestGraphs;
  readonly #holdsUnreadable;
  readonly #pendingChange;
  readonly #pendingReplacement;
  readonly #unreadable;

  constructor(database: SqliteDatabase, statements: typeof lookStatements) {
    this.#referenced = database.prepare(statements.referenced);
    this.#linked = database.prepare(statements.linked);
    this.#isManifest = database.prepare(statements.isManifest);
    this.#link = database.prepare(statements.link);
    this.#manifest = database.prepare(statements.manifest);
    this.#unwritten = new UnwrittenReferences(database, statements);
    this.#graphs = new ManifestGraphs(database, statements, this.#unwritten);
    this.#holdsUnreadable = database.prepare(statements.holdsUnreadable);
    this.#pendingChange = database.prepare(removalStatements.pendingChange);
    this.#pendingReplacement = database.prepare(removalStatements.pendingReplacement);
    this.#unreadable = database.prepare(removalStatements.unreadable);
  }

  /** @param requestedAt when what waits for a request is due; undefined when it goes on waiting */
  isLinkDue(repositoryId: number, contentId: number, dueUntil: number, requestedAt?: number): boolean {
    return isDue(this.#link.get(repositoryId, contentId), dueUntil, requestedAt);
  }

  isManifestDue(repositoryId: number, contentId: number, dueUntil: number, requestedAt?: number): boolean {
    return isDue(this.#manifest.get(repositoryId, contentId), dueUntil, requestedAt);
  }

  /** Whether a repository still needs a blob that it has. */
  link(repositoryId: number, contentId: number, digest: Digest): LinkVerdict {
    if (this.#referenced.get(repositoryId, contentId) !== undefined) return { kind: 'referenced' };
    if (this.#holdsUnreadable.get(repositoryId) !== undefined) return { kind: 'unreadable' };
    const naming = this.#unwritten.naming(repositoryId, contentId, digest);
    if (naming === undefined) return { kind: 'unreadable' };
    if (naming.length === 0) return { kind: 'unreferenced' };
    return { kind: 'unwritten', references: naming.map((manifestId) => ({ manifestId, contentId })) };
  }

  /** What still needs a content; undefined when nothing does. */
  content(id: number, digest: Digest): 'referenced' | 'pending' | 'unreadable' | undefined {
    if (this.#linked.get(id) !== undefined || this.#isManifest.get(id) !== undefined) return 'referenced';
    const key = encodeDigest(digest);
    const isPending = this.#pendingChange.get(key) ?? this.#pendingReplacement.get(key);
    if (isPending !== undefined) return 'pending';
    return this.#unreadable.get(key) === undefined ? undefined : 'unreadable';
  }

  /**
   * Whether a tag reaches a manifest, by indexes that list it and by its subject, or something young does. Follows them
   * with a set of what was visited: an index that lists its own subject would otherwise keep itself.
   * @param dueUntil what is looked at later than that is young
   * @param requestedAt as above
   */
  manifest(repositoryId: number, contentId: number, dueUntil: number, requestedAt?: number): ManifestVerdict {
    const graph = this.#graphs.of(repositoryId, requestedAt);
    const reach = reachManifest(graph, contentId, dueUntil);
    if (reach.kind === 'kept') return { kind: 'kept', unwritten: graph.unwritten };
    if (reach.kind === 'too-many') return { kind: 'too-many' };
    const isUnclear = graph.isUnclear || this.#holdsUnreadable.get(repositoryId) !== undefined;
    return isUnclear
      ? { kind: 'unreadable' }
      : { kind: 'unkept', manifests: graph.parentsFirst(reach.visited) };
  }
}

function isDue(
  row: { readonly review_after: number | null } | undefined,
  dueUntil: number,
  requestedAt = ON_REQUEST,
): boolean {
  if (row === undefined || row.review_after === null) return false;
  return (row.review_after === ON_REQUEST ? requestedAt : row.review_after) <= dueUntil;
}

import type { Digest } from '../../../domain/content/digest.js';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import { parseStoredManifest } from '../../../domain/manifest/parse-stored-manifest.js';
import { decodeDigest, encodeDigest } from '../sql/digest-codec.js';
import type { lookStatements } from '../sql/look-statements.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { removalStatements } from '../sql/removal-statements.js';
import { tagStatements } from '../sql/tag-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Manifests that are looked at for one verdict. What stands below more of them is kept. */
const MOST = 1_000;
/** Incomplete manifests of a repository whose bytes are searched. With more of them nothing of it is removed. */
const MOST_INCOMPLETE = 200;

/** A reference that a manifest makes and that has no row, since what it names was not there when it came. */
export interface UnwrittenReference {
  readonly manifestId: number;
  readonly contentId: number;
}

export type LinkVerdict =
  | { readonly kind: 'unreferenced' | 'referenced' | 'unreadable' }
  | { readonly kind: 'unwritten'; readonly references: readonly UnwrittenReference[] };

/** A manifest of a repository that nothing keeps. */
export interface UnkeptManifest {
  readonly contentId: number;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

export type ManifestVerdict =
  | { readonly kind: 'kept'; readonly unwritten: readonly UnwrittenReference[] }
  | { readonly kind: 'too-many' | 'unreadable' }
  /** With everything above it, in an order in which nothing is removed before what lists it. */
  | { readonly kind: 'unkept'; readonly manifests: readonly UnkeptManifest[] };

/** What is known of a manifest on the way up. */
interface Visited extends UnkeptManifest {
  readonly parents: ReadonlySet<number>;
}

/** Looks whether something is still needed, inside the transactions that act on it. Changes nothing. */
export class CollectionLooks {
  readonly #referenced;
  readonly #linked;
  readonly #isManifest;
  readonly #link;
  readonly #manifest;
  readonly #manifestId;
  readonly #parents;
  readonly #incomplete;
  readonly #bytesNaming;
  readonly #holdsUnreadable;
  readonly #digest;
  readonly #tagged;
  readonly #pendingChange;
  readonly #pendingReplacement;
  readonly #unreadable;

  constructor(database: SqliteDatabase, statements: typeof lookStatements) {
    this.#referenced = database.prepare(statements.referenced);
    this.#linked = database.prepare(statements.linked);
    this.#isManifest = database.prepare(statements.isManifest);
    this.#link = database.prepare(statements.link);
    this.#manifest = database.prepare(statements.manifest);
    this.#manifestId = database.prepare(statements.manifestId);
    this.#parents = database.prepare(statements.parents);
    this.#incomplete = database.prepare(statements.incomplete);
    this.#bytesNaming = database.prepare(statements.bytesNaming);
    this.#holdsUnreadable = database.prepare(statements.holdsUnreadable);
    this.#digest = database.prepare(manifestStatements.content);
    this.#tagged = database.prepare(tagStatements.names);
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
    const naming = this.#naming(repositoryId, contentId, digest);
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
    const visited = new Map<number, Visited>();
    const unwritten: UnwrittenReference[] = [];
    const ahead = [contentId];
    for (let id = ahead.pop(); id !== undefined; id = ahead.pop()) {
      const row = visited.has(id) ? undefined : this.#manifest.get(repositoryId, id);
      if (row === undefined) continue;
      const isYoung = row.review_after !== null && !isDue(row, dueUntil, requestedAt);
      if (isYoung || this.#tagged.get(repositoryId, id) !== undefined) return { kind: 'kept', unwritten };
      if (visited.size >= MOST) return { kind: 'too-many' };
      const manifest = this.#visit(repositoryId, id, row, unwritten);
      if (manifest === undefined) return { kind: 'unreadable' };
      visited.set(id, manifest);
      const subject = row.subject === null ? undefined : this.#manifestId.get(repositoryId, row.subject);
      ahead.push(...manifest.parents, ...(subject === undefined ? [] : [subject.content_id]));
    }
    if (this.#holdsUnreadable.get(repositoryId) !== undefined) return { kind: 'unreadable' };
    return { kind: 'unkept', manifests: parentsFirst(visited) };
  }

  /** With everything that lists it; undefined when that can not be told. */
  #visit(
    repositoryId: number,
    id: number,
    row: { readonly digest: Uint8Array; readonly size: number },
    unwritten: UnwrittenReference[],
  ): Visited | undefined {
    const digest = decodeDigest(row.digest);
    const naming = this.#naming(repositoryId, id, digest);
    if (naming === undefined) return undefined;
    for (const manifestId of naming) unwritten.push({ manifestId, contentId: id });
    const listed = this.#parents.all(repositoryId, id, MOST + 1).map(({ parent_id: parent }) => parent);
    return { contentId: id, digest, size: row.size, parents: new Set([...listed, ...naming]) };
  }

  /**
   * Manifests whose bytes reference a content although no row says so. One whose bytes are not understood counts as
   * soon as the digest occurs in them. Undefined when there are too many to look at.
   */
  #naming(repositoryId: number, contentId: number, digest: Digest): readonly number[] | undefined {
    const incomplete = this.#incomplete.all(repositoryId, MOST_INCOMPLETE + 1);
    if (incomplete.length > MOST_INCOMPLETE) return undefined;
    const text = Buffer.from(digest.toString());
    return incomplete
      .map(({ content_id: id }) => id)
      .filter((id) => {
        const body = id === contentId ? undefined : this.#bytesNaming.get(id, text);
        return body !== undefined && this.#references(id, body.bytes, digest);
      });
  }

  #references(manifestId: number, bytes: Uint8Array, digest: Digest): boolean {
    const content = this.#digest.get(manifestId);
    if (content === undefined) return false;
    const { buffer, byteOffset, length } = bytes;
    const body = Buffer.from(buffer, byteOffset, length);
    const read = parseStoredManifest(body, decodeDigest(content.digest), undefined);
    if ('reason' in read || read.content === undefined) return true;
    return read.content.references.some((reference) => reference.digestText === digest.toString());
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

/** Lists are acyclic: a manifest contains the digests of what it lists. */
function parentsFirst(visited: ReadonlyMap<number, Visited>): readonly UnkeptManifest[] {
  const ordered = new Map<number, Visited>();
  const place = (manifest: Visited): void => {
    if (ordered.has(manifest.contentId)) return;
    for (const id of manifest.parents) {
      const parent = visited.get(id);
      if (parent !== undefined) place(parent);
    }
    ordered.set(manifest.contentId, manifest);
  };
  for (const manifest of visited.values()) place(manifest);
  return [...ordered.values()];
}

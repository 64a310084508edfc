import type {
  ContentHolders,
  Holder,
  ManifestStanding,
  ReferencingManifest,
  Some,
  StoredContent,
  StoredLink,
  UnreadableThing,
} from '../../../application/ports/metadata/content-holders.js';
import type { Digest } from '../../../domain/content/digest.js';
import { keyOfName, type LinkedName } from '../../../domain/repository/linked-name.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import { CONTENT_STATE } from '../sql/content-state.js';
import { encodeDigest } from '../sql/digest-codec.js';
import { holderStatements } from '../sql/holder-statements.js';
import { lookStatements } from '../sql/look-statements.js';
import { decodeName } from '../sql/name-codec.js';
import { repositoryStatements } from '../sql/repository-statements.js';
import { HeldManifests } from './held-manifests.js';
import type { ManifestContents, ManifestRow } from './manifest-contents.js';
import { some } from './some.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { UnwrittenReferences } from './unwritten-references.js';

interface LinkRow {
  readonly repository_id: number;
  readonly repository: string;
  readonly linked_at: number;
  readonly review_after: number | null;
}

/** What one method reads agrees with itself. */
export class SqliteContentHolders implements ContentHolders {
  readonly #database: SqliteDatabase;
  readonly #contents: ManifestContents;
  readonly #unwritten: UnwrittenReferences;
  readonly #manifests: HeldManifests;
  readonly #repositoryId;
  readonly #content;
  readonly #links;
  readonly #link;
  readonly #referencing;
  readonly #unreadable;
  readonly #unreadableAbout;
  readonly #pending;
  readonly #replacing;

  constructor(database: SqliteDatabase, contents: ManifestContents) {
    this.#database = database;
    this.#contents = contents;
    this.#unwritten = new UnwrittenReferences(database, lookStatements);
    this.#manifests = new HeldManifests(database, this.#unwritten);
    this.#repositoryId = database.prepare(repositoryStatements.id);
    this.#content = database.prepare(holderStatements.content);
    this.#links = database.prepare(holderStatements.links);
    this.#link = database.prepare(holderStatements.link);
    this.#referencing = database.prepare(holderStatements.referencing);
    this.#unreadable = database.prepare(holderStatements.unreadable);
    this.#unreadableAbout = database.prepare(holderStatements.unreadableAbout);
    this.#pending = database.prepare(holderStatements.pending);
    this.#replacing = database.prepare(holderStatements.replacing);
  }

  async content(digest: Digest): Promise<StoredContent | undefined> {
    const row = this.#content.get(encodeDigest(digest));
    return (
      row && {
        size: row.size,
        state: stateOf(row.state),
        verified: row.unverified === 0,
        reviewAfter: row.review_after ?? undefined,
        claimedUntil: row.claimed_until ?? undefined,
      }
    );
  }

  async holders(digest: Digest, after: number, limit: number): Promise<readonly Holder[]> {
    return this.#database.snapshot(() => {
      const contentId = this.#contentId(digest);
      if (contentId === undefined) return [];
      const links = new Map(this.#links.all(contentId, after, limit).map((row) => [row.repository_id, row]));
      const manifests = this.#manifests.page(contentId, after, limit);
      // Of each kind a page in the order of repositories: the first `limit` of both are those of the whole.
      const rows = [...new Set([...links.keys(), ...manifests.keys()])].toSorted((a, b) => a - b);
      return rows.slice(0, limit).flatMap((row) => {
        const [link, manifest] = [links.get(row), manifests.get(row)];
        const name = link?.repository ?? manifest?.repository;
        if (name === undefined) return [];
        const repository = RepositoryName.parseExisting(name);
        return [{ row, repository, link: link && toLink(link), manifest: manifest?.revision }];
      });
    });
  }

  async holder(repository: RepositoryName, digest: Digest): Promise<Holder | undefined> {
    return this.#database.snapshot(() => {
      const place = this.#place(repository, digest);
      if (place === undefined) return undefined;
      const { repositoryId: row, contentId } = place;
      const link = this.#link.get(contentId, row);
      const manifest = this.#manifests.find(row, contentId)?.revision;
      if (link === undefined && manifest === undefined) return undefined;
      return { row, repository, link: link && toLink(link), manifest };
    });
  }

  async referencing(
    repository: RepositoryName,
    blob: Digest,
    limit: number,
  ): Promise<Some<ReferencingManifest> | undefined> {
    return this.#database.snapshot(() => {
      const place = this.#place(repository, blob);
      if (place === undefined) return NONE;
      const { repositoryId, contentId } = place;
      const rows = this.#referencing.all(repositoryId, contentId, limit + 1);
      const manifests = rows.length > 0 ? rows : this.#unwrittenReferences(repositoryId, contentId, blob);
      return manifests && some(limit, () => manifests.flatMap((row) => this.#contents.loadOnce(row) ?? []));
    });
  }

  async standing(repository: RepositoryName, manifest: Digest): Promise<ManifestStanding | undefined> {
    return this.#database.snapshot(() => {
      const place = this.#place(repository, manifest);
      return place && this.#manifests.standing(place.repositoryId, place.contentId);
    });
  }

  async unreadable(repository: RepositoryName, limit: number): Promise<Some<UnreadableThing>> {
    return this.#database.snapshot(() => {
      const id = this.#repositoryId.get(repository.toString())?.id;
      return id === undefined ? NONE : some(limit, (most) => this.#unreadable.all(id, most));
    });
  }

  async unreadableAbout(digest: Digest, limit: number): Promise<Some<UnreadableThing>> {
    return some(limit, (most) => this.#unreadableAbout.all(encodeDigest(digest), most));
  }

  async pending(digest: Digest, limit: number): Promise<Some<LinkedName>> {
    const key = encodeDigest(digest);
    return this.#database.snapshot(() =>
      some(limit, (most) => {
        const rows = [...this.#pending.all(key, most), ...this.#replacing.all(key, most)];
        const names = rows.map((row) =>
          decodeName(RepositoryName.parseExisting(row.repository), row.kind, row.key),
        );
        return [...new Map(names.map((name) => [keyOfName(name), name])).values()];
      }),
    );
  }

  #unwrittenReferences(
    repositoryId: number,
    contentId: number,
    digest: Digest,
  ): readonly ManifestRow[] | undefined {
    const naming = this.#unwritten.naming(repositoryId, contentId, digest);
    return naming?.flatMap((id) => this.#manifests.row(repositoryId, id) ?? []);
  }

  /** Undefined when there is no such repository, or the digest is not known. */
  #place(
    repository: RepositoryName,
    digest: Digest,
  ): { readonly repositoryId: number; readonly contentId: number } | undefined {
    const repositoryId = this.#repositoryId.get(repository.toString())?.id;
    const contentId = this.#contentId(digest);
    return repositoryId === undefined || contentId === undefined ? undefined : { repositoryId, contentId };
  }

  #contentId(digest: Digest): number | undefined {
    return this.#content.get(encodeDigest(digest))?.id;
  }
}

const NONE = { items: [], more: false } as const;

function toLink(row: LinkRow): StoredLink {
  return { linkedAt: row.linked_at, reviewAfter: row.review_after ?? undefined };
}

function stateOf(state: number): StoredContent['state'] {
  switch (state) {
    case CONTENT_STATE.reserved:
      return 'reserved';
    case CONTENT_STATE.present:
      return 'present';
    case CONTENT_STATE.condemned:
      return 'condemned';
    default:
      throw new Error(`the metadata database holds the unknown state ${state} of a content`);
  }
}

import type {
  ReferrerIndex,
  ReferrerPageRequest,
} from '../../../application/ports/metadata/referrer-index.js';
import type { StoredManifest } from '../../../application/ports/metadata/manifest-index.js';
import { encodeDigest } from '../sql/digest-codec.js';
import { referrerStatements } from '../sql/referrer-statements.js';
import type { ManifestContents, ManifestRow } from './manifest-contents.js';
import { MediaTypes } from './media-types.js';
import { RepositoryRows } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Before the first: types begin at 0, which stands for none, and ids at 1. */
const BEGINNING = { artifact_type_id: 0, content_id: 0 };

export class SqliteReferrerIndex implements ReferrerIndex {
  readonly #database: SqliteDatabase;
  readonly #manifests: ManifestContents;
  readonly #repositories: RepositoryRows;
  readonly #mediaTypes: MediaTypes;
  readonly #page;
  readonly #pageOfType;
  readonly #place;

  constructor(database: SqliteDatabase, manifests: ManifestContents) {
    this.#database = database;
    this.#manifests = manifests;
    this.#repositories = new RepositoryRows(database);
    this.#mediaTypes = new MediaTypes(database);
    this.#page = database.prepare(referrerStatements.page);
    this.#pageOfType = database.prepare(referrerStatements.pageOfType);
    this.#place = database.prepare(referrerStatements.place);
  }

  /** From one snapshot: a manifest that went between its row and its bytes would shorten the page. */
  async page(request: ReferrerPageRequest): Promise<readonly StoredManifest[] | undefined> {
    return this.#database.snapshot(() => this.#read(request));
  }

  #read(request: ReferrerPageRequest): readonly StoredManifest[] | undefined {
    const { repository, after } = request;
    const repositoryId = this.#repositories.find(repository);
    if (repositoryId === undefined) return after === undefined ? [] : undefined;
    const subject = encodeDigest(request.subject);
    const place =
      after === undefined ? BEGINNING : this.#place.get(repositoryId, subject, encodeDigest(after));
    if (place === undefined) return undefined;
    const rows =
      request.artifactTypes.length === 0
        ? this.#page.all(repositoryId, subject, place.artifact_type_id, place.content_id, request.limit)
        : this.#rowsOfTypes(repositoryId, subject, request, place);
    return rows.map((row) => this.#manifests.loadOnce(row)).filter((manifest) => manifest !== undefined);
  }

  /** Type by type, in the order of the list of all types. */
  #rowsOfTypes(
    repositoryId: number,
    subject: Uint8Array,
    { artifactTypes, limit }: ReferrerPageRequest,
    place: typeof BEGINNING,
  ): readonly ManifestRow[] {
    const rows: ManifestRow[] = [];
    for (const type of this.#typeIds(artifactTypes)) {
      if (type < place.artifact_type_id) continue;
      const after = type === place.artifact_type_id ? place.content_id : BEGINNING.content_id;
      rows.push(...this.#pageOfType.all(repositoryId, subject, type, after, limit - rows.length));
      if (rows.length === limit) break;
    }
    return rows;
  }

  /** A type that no row was ever given has no referrers. */
  #typeIds(artifactTypes: readonly string[]): readonly number[] {
    const ids = [...new Set(artifactTypes)].map((type) => this.#mediaTypes.find(type));
    return ids.filter((id) => id !== undefined).toSorted((a, b) => a - b);
  }
}

import type {
  DeleteOutcome,
  ManifestEntry,
  ManifestIndex,
  PutOutcome,
  StoredManifest,
} from '../../../application/ports/metadata/manifest-index.js';
import type { LinkedRows, NameChange } from '../../../application/ports/metadata/name-journal.js';
import { Digest } from '../../../domain/content/digest.js';
import type { RegistryEvent } from '../../../domain/events/registry-event.js';
import type { Grace } from '../../../domain/lifecycle/grace.js';
import type { Manifest } from '../../../domain/manifest/manifest.js';
import type { Reference } from '../../../domain/manifest/reference.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagName } from '../../../domain/tag/tag-name.js';
import { decodeDigest, encodeDigest } from '../sql/digest-codec.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { ContentRows } from './content-rows.js';
import { DepartedSubjects, REFERRERS_AT_ONCE } from './departed-subjects.js';
import { JournalRows } from './journal-rows.js';
import type { ManifestContents, ManifestRow } from './manifest-contents.js';
import { ManifestReferences } from './manifest-references.js';
import { ManifestRemoval } from './manifest-removal.js';
import { ManifestTags } from './manifest-tags.js';
import { MediaTypes } from './media-types.js';
import { OutboxRows } from './outbox-rows.js';
import { RepositoryRows } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** How many indexes a refusal names. */
const NAMED = 10;
/** A row's artifact_type_id when the manifest has no artifact type. */
const NO_TYPE = 0;

interface ManifestPush {
  readonly repository: RepositoryName;
  readonly manifest: Manifest;
  readonly tags: readonly TagName[];
  readonly sparse: boolean;
  readonly now: number;
  readonly events?: readonly RegistryEvent[];
}

export class SqliteManifestIndex implements ManifestIndex {
  readonly #database: SqliteDatabase;
  readonly #grace: Grace;
  readonly #manifests: ManifestContents;
  readonly #repositories: RepositoryRows;
  readonly #contents: ContentRows;
  readonly #journal: JournalRows;
  readonly #outbox: OutboxRows;
  readonly #mediaTypes: MediaTypes;
  readonly #references: ManifestReferences;
  readonly #tags: ManifestTags;
  readonly #removal: ManifestRemoval;
  readonly #byTag;
  readonly #byDigest;
  readonly #exists;
  readonly #put;
  readonly #putBody;
  readonly #listing;

  /** @param referrersAtOnce of a manifest that is deleted, looked at in the same transaction */
  constructor(
    database: SqliteDatabase,
    manifests: ManifestContents,
    grace: Grace,
    referrersAtOnce = REFERRERS_AT_ONCE,
  ) {
    this.#database = database;
    this.#grace = grace;
    this.#manifests = manifests;
    this.#repositories = new RepositoryRows(database);
    this.#contents = new ContentRows(database);
    this.#journal = new JournalRows(database);
    this.#outbox = new OutboxRows(database);
    this.#mediaTypes = new MediaTypes(database);
    this.#references = new ManifestReferences(database);
    this.#tags = new ManifestTags(database, grace);
    this.#removal = new ManifestRemoval(database, grace, new DepartedSubjects(database, referrersAtOnce));
    this.#byTag = database.prepare(manifestStatements.byTag);
    this.#byDigest = database.prepare(manifestStatements.byDigest);
    this.#exists = database.prepare(manifestStatements.exists);
    this.#put = database.prepare(manifestStatements.put);
    this.#putBody = database.prepare(manifestStatements.putBody);
    this.#listing = database.prepare(manifestStatements.listing);
  }

  async find(repository: RepositoryName, reference: Reference): Promise<ManifestEntry | undefined> {
    const row = this.#resolve(repository, reference);
    return row && this.#manifests.describe(row);
  }

  async load(repository: RepositoryName, reference: Reference): Promise<StoredManifest | undefined> {
    const row = this.#resolve(repository, reference);
    return row && this.#manifests.load(row);
  }

  put(push: ManifestPush): Promise<PutOutcome> {
    return this.#database.transaction(() => this.#store(push));
  }

  delete(
    repository: RepositoryName,
    digest: Digest,
    now: number,
    tell?: (tags: readonly TagName[]) => readonly RegistryEvent[],
  ): Promise<DeleteOutcome> {
    return this.#database.transaction((): DeleteOutcome => {
      const repositoryId = this.#repositories.find(repository);
      const contentId = this.#contents.find(digest);
      if (repositoryId === undefined || contentId === undefined) return { kind: 'unknown' };
      if (this.#exists.get(repositoryId, contentId) === undefined) return { kind: 'unknown' };
      const indexes = this.#listing.all(repositoryId, contentId, NAMED);
      if (indexes.length > 0) {
        return { kind: 'listed', indexes: indexes.map((row) => decodeDigest(row.digest)) };
      }
      const changes = this.#removal.remove({ id: repositoryId, name: repository }, contentId, digest, now);
      if (tell !== undefined) this.#outbox.add(tell(tagsIn(changes)));
      return { kind: 'deleted', changes };
    });
  }

  #resolve(repository: RepositoryName, reference: Reference): ManifestRow | undefined {
    return reference instanceof Digest
      ? this.#byDigest.get(repository.toString(), encodeDigest(reference))
      : this.#byTag.get(repository.toString(), reference.toString());
  }

  #store({ repository, manifest, tags, sparse, now, events = [] }: ManifestPush): PutOutcome {
    const references = this.#references.resolve(this.#repositories.find(repository), manifest);
    if (references.missing.length > 0 && !sparse) return { kind: 'missing', digests: references.missing };
    const content = this.#contents.reserve(manifest.digest, manifest.size, this.#grace.end(now));
    if (content.was === 'condemned') return { kind: 'condemned' };
    const repositoryId = this.#repositories.findOrCreate(repository, now);
    const mediaTypeId = this.#mediaTypes.findOrCreate(manifest.mediaType);
    const former = this.#exists.get(repositoryId, content.id);
    this.#putBody.run(content.id, manifest.bytes);
    const tagged = tags.length > 0 || this.#tags.isTagged(repositoryId, content.id);
    this.#put.run(
      repositoryId,
      content.id,
      mediaTypeId,
      manifest.artifactType === undefined ? NO_TYPE : this.#mediaTypes.findOrCreate(manifest.artifactType),
      manifest.subject?.digest === undefined ? null : encodeDigest(manifest.subject.digest),
      now,
      tagged ? null : this.#grace.end(now),
      references.missing.length > 0 ? 1 : 0,
    );
    this.#references.write(repositoryId, content.id, references);
    // Noted before the tags: the order of the rows is that in which links are written.
    const rows = { repositoryId, contentId: content.id };
    const types = { former: former?.media_type_id, latest: mediaTypeId };
    const revision = this.#noteRevision(rows, repository, manifest, types);
    const target = { contentId: content.id, digest: manifest.digest };
    const moved = this.#tags.move({ id: repositoryId, name: repository }, target, tags, now);
    this.#repositories.populate(repositoryId);
    this.#outbox.add(events);
    return { kind: 'stored', changes: [...revision, ...moved] };
  }

  /** A manifest that was there under the same media type needs no new link. */
  #noteRevision(
    rows: LinkedRows,
    repository: RepositoryName,
    manifest: Manifest,
    types: { readonly former: number | undefined; readonly latest: number },
  ): readonly NameChange[] {
    if (types.former === types.latest) return [];
    const { digest } = manifest;
    const name = { kind: 'revision', repository, digest } as const;
    const given = { target: digest, manifest };
    const replaced = types.former === undefined ? undefined : digest;
    return [this.#journal.add(rows, name, { replaced, given })];
  }
}

function tagsIn(changes: readonly NameChange[]): readonly TagName[] {
  return changes.flatMap(({ name }) => (name.kind === 'tag' ? [name.tag] : []));
}

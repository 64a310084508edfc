import type {
  BlobIndex,
  BlobLink,
  BlobPush,
  MountedBlob,
  Reservation,
  StoreOutcome,
  UnlinkOutcome,
} from '../../../application/ports/metadata/blob-index.js';
import type { NameChange } from '../../../application/ports/metadata/name-journal.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { RegistryEvent } from '../../../domain/events/registry-event.js';
import type { Grace } from '../../../domain/lifecycle/grace.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import { blobStatements } from '../sql/blob-statements.js';
import { CONTENT_STATE } from '../sql/content-state.js';
import { decodeDigest, encodeAlgorithm, encodeDigest } from '../sql/digest-codec.js';
import { uploadStatements } from '../sql/upload-statements.js';
import { waitingStatements } from '../sql/waiting-statements.js';
import { ContentRows, type FoundContent } from './content-rows.js';
import { JournalRows } from './journal-rows.js';
import { OutboxRows } from './outbox-rows.js';
import { RepositoryRows, type RepositoryRow } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { encodeUploadId } from './upload-id-codec.js';

/** How many manifests a refusal names. */
const NAMED = 10;
/** How many repositories are looked at for one that a blob may be mounted from. */
const CANDIDATES = 100;

export class SqliteBlobIndex implements BlobIndex {
  readonly #database: SqliteDatabase;
  readonly #grace: Grace;
  readonly #repositories: RepositoryRows;
  readonly #contents: ContentRows;
  readonly #journal: JournalRows;
  readonly #outbox: OutboxRows;
  readonly #find;
  readonly #isLinked;
  readonly #mountable;
  readonly #mountableAnywhere;
  readonly #link;
  readonly #renew;
  readonly #referencing;
  readonly #unlink;
  readonly #completeUpload;
  readonly #keepBytes;

  constructor(database: SqliteDatabase, grace: Grace) {
    this.#database = database;
    this.#grace = grace;
    this.#repositories = new RepositoryRows(database);
    this.#contents = new ContentRows(database);
    this.#journal = new JournalRows(database);
    this.#outbox = new OutboxRows(database);
    this.#find = database.prepare(blobStatements.find);
    this.#isLinked = database.prepare(blobStatements.isLinked);
    this.#mountable = database.prepare(blobStatements.mountable);
    this.#mountableAnywhere = database.prepare(blobStatements.mountableAnywhere);
    this.#link = database.prepare(blobStatements.link);
    this.#renew = database.prepare(blobStatements.renew);
    this.#referencing = database.prepare(blobStatements.referencing);
    this.#unlink = database.prepare(blobStatements.unlink);
    this.#completeUpload = database.prepare(uploadStatements.complete);
    this.#keepBytes = database.prepare(waitingStatements.add);
  }

  async find(repository: RepositoryName, digest: Digest): Promise<BlobLink | undefined> {
    const row = this.#find.get(repository.toString(), encodeDigest(digest));
    return row && { size: row.size, reviewAfter: row.review_after ?? undefined };
  }

  renew(repository: RepositoryName, digest: Digest, reviewAfter: number): Promise<boolean> {
    const key = encodeDigest(digest);
    return this.#database.transaction(() => this.#renew.change(repository.toString(), key, reviewAfter) > 0);
  }

  reserve(push: BlobPush): Promise<Reservation> {
    return this.#database.transaction((): Reservation => {
      const { id: contentId, was } = this.#reserve(push);
      if (was === 'condemned') return { kind: 'condemned' };
      if (was !== 'present') return { kind: 'reserved', contentId };
      const repository = this.#findOrCreate(push.repository, push.now);
      return { kind: 'adopted', changes: this.#finish(push, repository, contentId) };
    });
  }

  commit(push: BlobPush, contentId: number): Promise<readonly NameChange[] | undefined> {
    return this.#database.transaction(() => {
      if (!this.#contents.markPresent(contentId, push.blob.size)) return undefined;
      return this.#finish(push, this.#findOrCreate(push.repository, push.now), contentId);
    });
  }

  store(push: BlobPush, bytes: Uint8Array): Promise<StoreOutcome> {
    return this.#database.transaction((): StoreOutcome => {
      const { id: contentId, was } = this.#reserve(push, CONTENT_STATE.present);
      if (was === 'condemned') return { kind: 'condemned' };
      const repository = this.#findOrCreate(push.repository, push.now);
      if (was === 'present') return { kind: 'adopted', changes: this.#finish(push, repository, contentId) };
      if (was === 'unplaced') this.#contents.markPresent(contentId, push.blob.size);
      const [change = this.#noteLink(push, repository, contentId)] = this.#finish(
        push,
        repository,
        contentId,
      );
      this.#keepBytes.run(contentId, change.id, bytes);
      return { kind: 'stored', changes: [{ ...change, waiting: { contentId, bytes } }] };
    });
  }

  /** Looks twice: a miss, which is frequent, needs no write lock, and only what is seen under it counts. */
  async mount(mount: {
    readonly digest: Digest;
    readonly source: RepositoryName | 'anywhere';
    readonly mayUse: (repository: string) => boolean;
    readonly target: RepositoryName;
    readonly now: number;
    readonly tell?: (mounted: MountedBlob) => readonly RegistryEvent[];
  }): Promise<readonly NameChange[] | undefined> {
    const { digest, source, mayUse, target, now, tell } = mount;
    if (this.#findMountable(digest, source, mayUse) === undefined) return undefined;
    return this.#database.transaction(() => {
      const found = this.#findMountable(digest, source, mayUse);
      if (found === undefined) return undefined;
      if (tell !== undefined) this.#outbox.add(tell({ size: found.size, source: found.name }));
      return this.#linkBlob(this.#findOrCreate(target, now), digest, found.id, now);
    });
  }

  unlink(
    repository: RepositoryName,
    digest: Digest,
    now: number,
    events: readonly RegistryEvent[] = [],
  ): Promise<UnlinkOutcome> {
    return this.#database.transaction((): UnlinkOutcome => {
      const repositoryId = this.#repositories.find(repository);
      const contentId = this.#contents.find(digest);
      if (repositoryId === undefined || contentId === undefined) return { kind: 'unknown' };
      if (this.#isLinked.get(repositoryId, contentId) === undefined) return { kind: 'unknown' };
      const manifests = this.#referencing.all(repositoryId, contentId, NAMED);
      if (manifests.length > 0) {
        return { kind: 'referenced', manifests: manifests.map((row) => decodeDigest(row.digest)) };
      }
      this.#unlink.run(repositoryId, contentId);
      this.#contents.lostBy(repositoryId, contentId, now);
      this.#repositories.depopulate(repositoryId);
      this.#outbox.add(events);
      const name = { kind: 'layer', repository, digest } as const;
      return {
        kind: 'unlinked',
        changes: [
          this.#journal.add({ repositoryId, contentId }, name, { replaced: digest, given: undefined }),
        ],
      };
    });
  }

  #reserve({ blob, now }: BlobPush, stateOfNew?: number): FoundContent {
    return this.#contents.reserve(blob.digest, blob.size, this.#grace.end(now), stateOfNew);
  }

  #findOrCreate(name: RepositoryName, now: number): RepositoryRow {
    return { id: this.#repositories.findOrCreate(name, now), name };
  }

  /** Of a link that was there: its bytes are written anew. */
  #noteLink({ blob: { digest } }: BlobPush, { id, name }: RepositoryRow, contentId: number): NameChange {
    const link = { kind: 'layer', repository: name, digest } as const;
    const rows = { repositoryId: id, contentId };
    return this.#journal.add(rows, link, { replaced: digest, given: { target: digest } });
  }

  #finish(push: BlobPush, repository: RepositoryRow, contentId: number): readonly NameChange[] {
    const { blob, upload, now, events = [] } = push;
    this.#outbox.add(events);
    if (upload !== undefined) this.#complete(upload, repository.id, blob.digest, now);
    return this.#linkBlob(repository, blob.digest, contentId, now);
  }

  #complete(upload: UploadId, repositoryId: number, digest: Digest, now: number): void {
    const algorithm = encodeAlgorithm(digest.algorithm);
    this.#completeUpload.run(encodeUploadId(upload), repositoryId, algorithm, encodeDigest(digest), now);
  }

  #linkBlob(
    { id: repositoryId, name: repository }: RepositoryRow,
    digest: Digest,
    contentId: number,
    now: number,
  ): readonly NameChange[] {
    const linked = this.#isLinked.get(repositoryId, contentId) !== undefined;
    const reviewAfter = this.#grace.linkReview(now);
    this.#link.run(repositoryId, contentId, now, reviewAfter, this.#grace.end(now));
    if (linked) return [];
    this.#repositories.populate(repositoryId);
    const link = { kind: 'layer', repository, digest } as const;
    const given = { target: digest };
    return [this.#journal.add({ repositoryId, contentId }, link, { replaced: undefined, given })];
  }

  #findMountable(
    digest: Digest,
    source: RepositoryName | 'anywhere',
    mayUse: (repository: string) => boolean,
  ): { readonly id: number; readonly size: number; readonly name: string } | undefined {
    const key = encodeDigest(digest);
    return source === 'anywhere'
      ? this.#mountableAnywhere.all(key, CANDIDATES).find(({ name }) => mayUse(name))
      : this.#mountable.get(source.toString(), key);
  }
}

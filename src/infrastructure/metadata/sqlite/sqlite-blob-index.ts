import type {
  BlobIndex,
  BlobLink,
  BlobPush,
  Reservation,
  UnlinkOutcome,
} from '../../../application/ports/metadata/blob-index.js';
import type { Digest } from '../../../domain/content/digest.js';
import { GRACE, reviewAfterPush } from '../../../domain/lifecycle/grace.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { blobStatements } from '../sql/blob-statements.js';
import { CONTENT_STATE } from '../sql/content-state.js';
import { decodeDigest, encodeDigest } from '../sql/digest-codec.js';
import { uploadStatements } from '../sql/upload-statements.js';
import { ContentRows } from './content-rows.js';
import { RepositoryRows } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { encodeUploadId } from './upload-id-codec.js';

/** How many manifests a refusal names. */
const NAMED = 10;

export class SqliteBlobIndex implements BlobIndex {
  readonly #database: SqliteDatabase;
  readonly #repositories: RepositoryRows;
  readonly #contents: ContentRows;
  readonly #find;
  readonly #isLinked;
  readonly #mountable;
  readonly #mountableAnywhere;
  readonly #link;
  readonly #renew;
  readonly #referencing;
  readonly #unlink;
  readonly #completeUpload;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#repositories = new RepositoryRows(database);
    this.#contents = new ContentRows(database);
    this.#find = database.prepare(blobStatements.find);
    this.#isLinked = database.prepare(blobStatements.isLinked);
    this.#mountable = database.prepare(blobStatements.mountable);
    this.#mountableAnywhere = database.prepare(blobStatements.mountableAnywhere);
    this.#link = database.prepare(blobStatements.link);
    this.#renew = database.prepare(blobStatements.renew);
    this.#referencing = database.prepare(blobStatements.referencing);
    this.#unlink = database.prepare(blobStatements.unlink);
    this.#completeUpload = database.prepare(uploadStatements.complete);
  }

  async find(repository: RepositoryName, digest: Digest): Promise<BlobLink | undefined> {
    const row = this.#find.get(repository.toString(), encodeDigest(digest));
    return row && { size: row.size, reviewAfter: row.review_after ?? undefined };
  }

  renew(repository: RepositoryName, digest: Digest, reviewAfter: number): Promise<boolean> {
    const key = encodeDigest(digest);
    return this.#database.transaction(() => this.#renew.run(repository.toString(), key, reviewAfter) > 0);
  }

  reserve(push: BlobPush): Promise<Reservation> {
    return this.#database.transaction((): Reservation => {
      const content = this.#contents.reserve(push.blob.digest, push.blob.size, push.now);
      if (content.state === CONTENT_STATE.condemned) return { kind: 'condemned' };
      if (content.state === CONTENT_STATE.reserved) return { kind: 'reserved', contentId: content.id };
      this.#finish(push, content.id);
      return { kind: 'adopted' };
    });
  }

  commit(push: BlobPush, contentId: number): Promise<boolean> {
    return this.#database.transaction(() => {
      if (!this.#contents.markPresent(contentId)) return false;
      this.#finish(push, contentId);
      return true;
    });
  }

  /** Looks twice: a miss, which is frequent, needs no write lock, and only what is seen under it counts. */
  async mount(mount: {
    readonly digest: Digest;
    readonly source: RepositoryName | 'anywhere';
    readonly target: RepositoryName;
    readonly now: number;
  }): Promise<boolean> {
    const { digest, source, target, now } = mount;
    if (this.#findMountable(digest, source) === undefined) return false;
    return this.#database.transaction(() => {
      const contentId = this.#findMountable(digest, source);
      if (contentId === undefined) return false;
      this.#linkBlob(target, contentId, now);
      return true;
    });
  }

  unlink(repository: RepositoryName, digest: Digest, now: number): Promise<UnlinkOutcome> {
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
      this.#contents.review(contentId, now);
      this.#repositories.depopulate(repositoryId);
      return { kind: 'unlinked' };
    });
  }

  #finish({ repository, blob, upload, now }: BlobPush, contentId: number): void {
    this.#linkBlob(repository, contentId, now);
    if (upload !== undefined) {
      this.#completeUpload.run(encodeUploadId(upload), encodeDigest(blob.digest), now);
    }
  }

  #linkBlob(repository: RepositoryName, contentId: number, now: number): void {
    const repositoryId = this.#repositories.findOrCreate(repository, now);
    this.#link.run(repositoryId, contentId, now, reviewAfterPush(now), now + GRACE);
    this.#repositories.populate(repositoryId);
  }

  #findMountable(digest: Digest, source: RepositoryName | 'anywhere'): number | undefined {
    const key = encodeDigest(digest);
    return source === 'anywhere'
      ? this.#mountableAnywhere.get(key)?.id
      : this.#mountable.get(source.toString(), key)?.id;
  }
}

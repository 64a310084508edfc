import type {
  LeaseOutcome,
  LeaseToken,
  ListedUpload,
  UploadPage,
  UploadSessions,
} from '../../../application/ports/metadata/upload-sessions.js';
import type { Clock } from '../../../application/ports/system/clock.js';
import type { DigestAlgorithm } from '../../../domain/content/digest.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import { UploadSession } from '../../../domain/upload/upload-session.js';
import { decodeAlgorithm, decodeDigest, encodeAlgorithm } from '../sql/digest-codec.js';
import { UPLOAD_STATE } from '../sql/upload-state.js';
import { uploadStatements } from '../sql/upload-statements.js';
import { BegunUploadIds } from './begun-upload-ids.js';
import { RepositoryRows } from './repository-rows.js';
import { SqliteDatabaseIdentity } from './sqlite-database-identity.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { decodeUploadId, encodeUploadId } from './upload-id-codec.js';

interface SessionRow {
  readonly id: Uint8Array;
  readonly repository: string;
  readonly offset: number;
  readonly algorithm: number;
  readonly fence: number;
  readonly completed: Uint8Array | null;
}

interface ListedRow extends SessionRow {
  readonly touched_at: number;
}

type Position = readonly [touchedAt: number, id: Uint8Array];

/** Before every session. */
const BEGIN: Position = [-1, new Uint8Array()];

interface Lease {
  readonly token: LeaseToken;
  readonly now: number;
  readonly until: number;
}

export class SqliteUploadSessions implements UploadSessions {
  readonly #database: SqliteDatabase;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #ids: BegunUploadIds;
  readonly #repositories: RepositoryRows;
  readonly #create;
  readonly #find;
  readonly #state;
  readonly #lease;
  readonly #renew;
  readonly #release;
  readonly #cancel;
  readonly #abandoned;
  readonly #purge;
  readonly #cancelled;
  readonly #completed;
  readonly #forget;

  constructor(database: SqliteDatabase, clock: Pick<Clock, 'now'>) {
    this.#database = database;
    this.#clock = clock;
    this.#ids = new BegunUploadIds(new SqliteDatabaseIdentity(database).id);
    this.#repositories = new RepositoryRows(database);
    this.#create = database.prepare(uploadStatements.create);
    this.#find = database.prepare(uploadStatements.find);
    this.#state = database.prepare(uploadStatements.state);
    this.#lease = database.prepare(uploadStatements.lease);
    this.#renew = database.prepare(uploadStatements.renew);
    this.#release = database.prepare(uploadStatements.release);
    this.#cancel = database.prepare(uploadStatements.cancel);
    this.#abandoned = database.prepare(uploadStatements.abandoned);
    this.#purge = database.prepare(uploadStatements.purge);
    this.#cancelled = database.prepare(uploadStatements.cancelled);
    this.#completed = database.prepare(uploadStatements.completed);
    this.#forget = database.prepare(uploadStatements.forget);
  }

  async begin(session: {
    readonly random: UploadId;
    readonly repository: RepositoryName;
    readonly algorithm: DigestAlgorithm;
    readonly now: number;
  }): Promise<UploadId> {
    const { random, repository, algorithm, now } = session;
    return this.#ids.issue(random, repository, { algorithm, begunAt: now });
  }

  async find(repository: RepositoryName, id: UploadId): Promise<UploadSession | undefined> {
    const row = this.#find.get(repository.toString(), encodeUploadId(id));
    if (row !== undefined) return row.state === UPLOAD_STATE.cancelled ? undefined : toSession(row);
    const begun = this.#ids.read(id, repository, this.#clock.now());
    if (begun === undefined) return undefined;
    const { algorithm } = begun;
    return new UploadSession({ id, repository, offset: 0, algorithm, fence: 0, completed: undefined });
  }

  async isKnown(id: UploadId): Promise<boolean> {
    return this.#state.get(encodeUploadId(id)) !== undefined;
  }

  acquire(repository: RepositoryName, id: UploadId, lease: Lease): Promise<LeaseOutcome> {
    const key = encodeUploadId(id);
    return this.#database.transaction((): LeaseOutcome => {
      const row = this.#findOrCreate(repository, id, lease.now);
      if (row === undefined || row.state !== UPLOAD_STATE.open) return { kind: 'unknown' };
      const held = row.lease !== null;
      if (held && (row.lease_until ?? 0) > lease.now) return { kind: 'busy', session: toSession(row) };
      const fence = held ? row.fence + 1 : row.fence;
      this.#lease.run(key, lease.token, lease.until, fence);
      const session = toSession({ ...row, fence });
      return { kind: 'acquired', session, broken: held ? row.fence : undefined };
    });
  }

  renew(id: UploadId, token: LeaseToken, until: number): Promise<boolean> {
    return this.#database.transaction(() => this.#renew.change(encodeUploadId(id), token, until) > 0);
  }

  release(id: UploadId, token: LeaseToken, offset: number, now: number): Promise<boolean> {
    return this.#database.transaction(() => this.#release.change(encodeUploadId(id), token, offset, now) > 0);
  }

  cancel(repository: RepositoryName, id: UploadId, now: number): Promise<boolean> {
    return this.#database.transaction(() => {
      this.#findOrCreate(repository, id, now);
      return this.#cancel.change(repository.toString(), encodeUploadId(id), now) > 0;
    });
  }

  async abandoned(before: number, { after, limit }: UploadPage): Promise<readonly ListedUpload[]> {
    return this.#abandoned.all(before, ...positionOf(after), limit).map(toListed);
  }

  purge(id: UploadId, before: number, now: number): Promise<boolean> {
    return this.#database.transaction(() => this.#purge.change(encodeUploadId(id), before, now) > 0);
  }

  async settled(completedBefore: number, { after, limit }: UploadPage): Promise<readonly ListedUpload[]> {
    const isCompleted = after?.session.completed !== undefined;
    const cancelled = isCompleted ? [] : this.#cancelled.all(...positionOf(after), limit);
    const left = limit - cancelled.length;
    const position = isCompleted ? positionOf(after) : BEGIN;
    const completed = left > 0 ? this.#completed.all(completedBefore, ...position, left) : [];
    return [...cancelled, ...completed].map(toListed);
  }

  async forget(id: UploadId): Promise<boolean> {
    if (this.#ids.isRecent(id, this.#clock.now())) return false;
    await this.#database.transaction(() => this.#forget.run(encodeUploadId(id)));
    return true;
  }

  #findOrCreate(repository: RepositoryName, id: UploadId, now: number) {
    const find = () => this.#find.get(repository.toString(), encodeUploadId(id));
    const row = find();
    const begun = row === undefined ? this.#ids.read(id, repository, now) : undefined;
    if (begun === undefined) return row;
    const algorithm = encodeAlgorithm(begun.algorithm);
    const repositoryId = this.#repositories.findOrCreate(repository, now);
    this.#create.run(encodeUploadId(id), repositoryId, algorithm, begun.begunAt, now);
    return find();
  }
}

function positionOf(after: ListedUpload | undefined): Position {
  return after === undefined ? BEGIN : [after.touchedAt, encodeUploadId(after.session.id)];
}

function toListed(row: ListedRow): ListedUpload {
  return { session: toSession(row), touchedAt: row.touched_at };
}

function toSession(row: SessionRow): UploadSession {
  return new UploadSession({
    id: decodeUploadId(row.id),
    repository: RepositoryName.parse(row.repository),
    offset: row.offset,
    algorithm: decodeAlgorithm(row.algorithm),
    fence: row.fence,
    completed: row.completed === null ? undefined : decodeDigest(row.completed),
  });
}

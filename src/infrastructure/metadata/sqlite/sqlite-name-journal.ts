import type {
  AbandonedChange,
  LinkValue,
  NameChange,
  NameJournal,
  WaitingBytes,
  WrittenChange,
} from '../../../application/ports/metadata/name-journal.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import { blobStatements } from '../sql/blob-statements.js';
import { decodeDigest, encodeDigest } from '../sql/digest-codec.js';
import { journalStatements } from '../sql/journal-statements.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { decodeName, encodeName } from '../sql/name-codec.js';
import { tagStatements } from '../sql/tag-statements.js';
import { waitingStatements } from '../sql/waiting-statements.js';
import type { ManifestContents } from './manifest-contents.js';
import { MediaTypes } from './media-types.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Rows that one transaction removes, so that it does not hold up requests. */
const AT_ONCE = 200;

/** Whether a process that made changes may still write their links. */
export type IsAlive = (instance: Uint8Array) => boolean;

export class SqliteNameJournal implements NameJournal {
  readonly #database: SqliteDatabase;
  readonly #manifests: ManifestContents;
  readonly #mediaTypes: MediaTypes;
  readonly #isAlive: IsAlive;
  readonly #layer;
  readonly #isUsable;
  readonly #revision;
  readonly #exists;
  readonly #tag;
  readonly #target;
  readonly #pending;
  readonly #page;
  readonly #forget;
  readonly #waiting;
  readonly #forgetBytes;

  constructor(database: SqliteDatabase, manifests: ManifestContents, isAlive: IsAlive) {
    this.#database = database;
    this.#manifests = manifests;
    this.#mediaTypes = new MediaTypes(database);
    this.#isAlive = isAlive;
    this.#layer = database.prepare(blobStatements.find);
    this.#isUsable = database.prepare(blobStatements.isUsable);
    this.#revision = database.prepare(manifestStatements.byDigest);
    this.#exists = database.prepare(manifestStatements.exists);
    this.#target = database.prepare(tagStatements.target);
    this.#tag = database.prepare(tagStatements.digest);
    this.#pending = database.prepare(journalStatements.pending);
    this.#page = database.prepare(journalStatements.page);
    this.#forget = database.prepare(journalStatements.forget);
    this.#waiting = database.prepare(waitingStatements.find);
    this.#forgetBytes = database.prepare(waitingStatements.forget);
  }

  async value(name: LinkedName): Promise<LinkValue | undefined> {
    const repository = name.repository.toString();
    if (name.kind === 'tag') {
      const row = this.#tag.get(repository, name.tag.toString());
      return row && { target: decodeDigest(row.digest) };
    }
    const key = encodeDigest(name.digest);
    if (name.kind === 'layer') return this.#layer.get(repository, key) && { target: name.digest };
    const row = this.#revision.get(repository, key);
    const manifest = row && this.#manifests.loadOnce(row);
    return manifest && { target: name.digest, manifest };
  }

  /** By ids, which never come back. What is gone may have come back under others, so that is asked for by its name. */
  async stands({ name, given, rows }: NameChange): Promise<boolean> {
    if (given === undefined) return !(await this.has(name));
    const { repositoryId, contentId } = rows;
    if (name.kind === 'layer') return this.#isUsable.get(repositoryId, contentId) !== undefined;
    if (name.kind === 'tag')
      return this.#target.get(repositoryId, name.tag.toString())?.content_id === contentId;
    const row = this.#exists.get(repositoryId, contentId);
    return row !== undefined && this.#mediaTypes.name(row.media_type_id) === given.manifest?.mediaType;
  }

  async has(name: LinkedName): Promise<boolean> {
    const repository = name.repository.toString();
    if (name.kind === 'tag') return this.#tag.get(repository, name.tag.toString()) !== undefined;
    const found = name.kind === 'layer' ? this.#layer : this.#revision;
    return found.get(repository, encodeDigest(name.digest)) !== undefined;
  }

  async isPending(name: LinkedName): Promise<boolean> {
    const { kind, key } = encodeName(name);
    return this.#pending.get(name.repository.toString(), kind, key) !== undefined;
  }

  async waiting(digest: Digest): Promise<WaitingBytes | undefined> {
    const row = this.#waiting.get(encodeDigest(digest));
    return row && { contentId: row.content_id, bytes: row.bytes };
  }

  async forget(changes: readonly WrittenChange[]): Promise<void> {
    for (let at = 0; at < changes.length; at += AT_ONCE) {
      const part = changes.slice(at, at + AT_ONCE);
      await this.#database.transaction(() => {
        for (const { id } of part) this.#forget.run(id);
        for (const { id, placed } of part) if (placed !== undefined) this.#forgetBytes.run(placed, id);
      });
    }
  }

  async abandoned(after: number, limit: number): Promise<readonly AbandonedChange[]> {
    const changes: AbandonedChange[] = [];
    for (let behind = after; changes.length < limit;) {
      const rows = this.#page.all(behind, limit);
      const dead = rows.filter(({ instance }) => !this.#isOwn(instance) && !this.#isAlive(instance));
      changes.push(...dead.map(toChange));
      const last = rows.at(-1);
      if (last === undefined) break;
      behind = last.id;
    }
    return changes;
  }

  #isOwn(instance: Uint8Array): boolean {
    return this.#database.instance.equals(instance);
  }
}

function toChange(row: {
  id: number;
  repository: string;
  kind: number;
  key: Uint8Array;
  replaced: Uint8Array | null;
  given: Uint8Array | null;
}): AbandonedChange {
  return {
    id: row.id,
    name: decodeName(RepositoryName.parseExisting(row.repository), row.kind, row.key),
    replaced: row.replaced === null ? undefined : decodeDigest(row.replaced),
    given: row.given === null ? undefined : decodeDigest(row.given),
  };
}

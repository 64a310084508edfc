import type { MovedTag, TagTakeover } from '../../../application/ports/metadata/tag-takeover.js';
import type { Grace } from '../../../domain/lifecycle/grace.js';
import { contentStatements } from '../sql/content-statements.js';
import { decodeDigest, encodeDigest } from '../sql/digest-codec.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { tagStatements } from '../sql/tag-statements.js';
import { RepositoryRows } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

export class SqliteTagTakeover implements TagTakeover {
  readonly #database: SqliteDatabase;
  readonly #grace: Grace;
  readonly #repositories: RepositoryRows;
  readonly #target;
  readonly #content;
  readonly #exists;
  readonly #move;
  readonly #names;
  readonly #review;

  constructor(database: SqliteDatabase, grace: Grace) {
    this.#database = database;
    this.#grace = grace;
    this.#repositories = new RepositoryRows(database);
    this.#target = database.prepare(tagStatements.target);
    this.#content = database.prepare(contentStatements.id);
    this.#exists = database.prepare(manifestStatements.exists);
    this.#move = database.prepare(tagStatements.move);
    this.#names = database.prepare(tagStatements.names);
    this.#review = database.prepare(manifestStatements.review);
  }

  follow({ repository, tag, from, to }: MovedTag, now: number): Promise<boolean> {
    return this.#database.transaction(() => {
      const id = this.#repositories.find(repository);
      const former = id === undefined ? undefined : this.#target.get(id, tag.toString());
      const content = this.#content.get(encodeDigest(to))?.id;
      if (id === undefined || former === undefined || content === undefined) return false;
      if (!decodeDigest(former.digest).equals(from)) return false;
      if (this.#exists.get(id, content) === undefined) return false;
      this.#move.run(id, tag.toString(), content, now);
      const isTagged = this.#names.get(id, former.content_id) !== undefined;
      if (!isTagged) this.#review.run(id, former.content_id, this.#grace.end(now));
      return true;
    });
  }
}

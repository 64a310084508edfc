import type {
  ContentRegister,
  OrphanedContent,
  RegisteredContent,
} from '../../../application/ports/metadata/content-register.js';
import type { BlobFolder } from '../../../application/ports/storage/tree-changes.js';
import { isDigestAlgorithm, type Digest } from '../../../domain/content/digest.js';
import { contentStatements } from '../sql/content-statements.js';
import { decodeDigest, encodeAlgorithm, encodeDigest } from '../sql/digest-codec.js';
import type { SqliteDatabase } from './sqlite-database.js';

const PREFIX = /^[0-9a-f]{2}$/;

export class SqliteContentRegister implements ContentRegister {
  readonly #database: SqliteDatabase;
  readonly #present;
  readonly #lose;
  readonly #id;
  readonly #orphan;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#present = database.prepare(contentStatements.presentBetween);
    this.#lose = database.prepare(contentStatements.lose);
    this.#id = database.prepare(contentStatements.id);
    this.#orphan = database.prepare(contentStatements.orphan);
  }

  async present(
    { algorithm, prefix }: BlobFolder,
    after: Digest | undefined,
    limit: number,
  ): Promise<readonly RegisteredContent[]> {
    if (!isDigestAlgorithm(algorithm) || !PREFIX.test(prefix)) return [];
    const code = encodeAlgorithm(algorithm);
    const first = Number.parseInt(prefix, 16);
    const from = after === undefined ? Buffer.from([code, first]) : encodeDigest(after);
    const to = first === 0xff ? Buffer.from([code + 1]) : Buffer.from([code, first + 1]);
    return this.#present.all(from, to, limit).map(({ id, digest }) => ({ id, digest: decodeDigest(digest) }));
  }

  lose(ids: readonly number[]): Promise<void> {
    return this.#database.transaction(() => {
      for (const id of ids) this.#lose.run(id);
    });
  }

  async unknown(digests: readonly Digest[]): Promise<readonly Digest[]> {
    return digests.filter((digest) => this.#id.get(encodeDigest(digest)) === undefined);
  }

  registerOrphans(orphans: readonly OrphanedContent[], now: number): Promise<readonly OrphanedContent[]> {
    return this.#database.transaction(() =>
      orphans.filter(({ digest, size }) => this.#orphan.change(encodeDigest(digest), size, now) > 0),
    );
  }
}

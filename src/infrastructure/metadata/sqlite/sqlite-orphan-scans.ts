import type { OrphanScan, OrphanScans } from '../../../application/ports/metadata/orphan-scans.js';
import type { Digest } from '../../../domain/content/digest.js';
import { decodeDigest, encodeDigest } from '../sql/digest-codec.js';
import { orphanScanStatements } from '../sql/orphan-scan-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Comes before every digest. */
const BEGINNING = Buffer.alloc(0);

export class SqliteOrphanScans implements OrphanScans {
  readonly #database: SqliteDatabase;
  readonly #current;
  readonly #begin;
  readonly #reach;
  readonly #end;
  readonly #add;
  readonly #candidates;
  readonly #settle;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#current = database.prepare(orphanScanStatements.current);
    this.#begin = database.prepare(orphanScanStatements.begin);
    this.#reach = database.prepare(orphanScanStatements.reach);
    this.#end = database.prepare(orphanScanStatements.end);
    this.#add = database.prepare(orphanScanStatements.add);
    this.#candidates = database.prepare(orphanScanStatements.candidates);
    this.#settle = database.prepare(orphanScanStatements.settle);
  }

  async current(): Promise<OrphanScan | undefined> {
    const row = this.#current.get();
    if (row === undefined) return undefined;
    const { started_at: startedAt, grace, last_digest: last } = row;
    return { startedAt, grace, after: last === null ? undefined : decodeDigest(last) };
  }

  begin({ startedAt, grace }: { readonly startedAt: number; readonly grace: number }): Promise<void> {
    return this.#database.transaction(() => {
      this.#forget();
      this.#begin.run(startedAt, grace);
    });
  }

  reach(after: Digest, candidates: readonly Digest[]): Promise<void> {
    return this.#database.transaction(() => {
      for (const digest of candidates) this.#add.run(encodeDigest(digest));
      this.#reach.run(encodeDigest(after));
    });
  }

  async candidates(after: Digest | undefined, limit: number): Promise<readonly Digest[]> {
    const from = after === undefined ? BEGINNING : encodeDigest(after);
    return this.#candidates.all(from, limit).map(({ digest }) => decodeDigest(digest));
  }

  settle(): Promise<void> {
    return this.#database.transaction(() => {
      this.#settle.run(BEGINNING);
    });
  }

  end(): Promise<void> {
    return this.#database.transaction(() => this.#forget());
  }

  #forget(): void {
    this.#settle.run(BEGINNING);
    this.#end.run();
  }
}

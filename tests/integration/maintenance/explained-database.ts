import type {
  CollectionPolicy,
  ContentExplanation,
  LinkFate,
  ManifestFate,
} from '../../../src/application/services/content-explanation.js';
import { ExplainContent } from '../../../src/application/use-cases/maintenance/explain-content.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import type { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { decodeDigest, encodeDigest } from '../../../src/infrastructure/metadata/sql/digest-codec.js';
import { digestInPath } from '../../../src/infrastructure/metadata/sql/digest-in-path.js';
import { lookStatements } from '../../../src/infrastructure/metadata/sql/look-statements.js';
import { CollectionLooks } from '../../../src/infrastructure/metadata/sqlite/collection-looks.js';
import { DAY, NOW } from '../../contract/metadata/metadata-actions.js';
import type { MetadataPorts } from '../../contract/metadata/metadata-under-test.js';
import { GRACE, ManualClock } from '../../support/fakes.js';
import { openDatabaseFile, type DatabaseFile } from '../metadata/database-file.js';

/** When a link is reviewed that nothing references. */
export const LINK_REVIEW = NOW + 1.5 * DAY;
export const LEAVES_UNTAGGED: CollectionPolicy = { collects: true, removesUntagged: false, grace: GRACE };
export const REMOVES_UNTAGGED: CollectionPolicy = { collects: true, removesUntagged: true, grace: GRACE };

/** A list that is not cut off. */
export const all = <T>(...items: T[]) => ({ items, more: false });

interface Asked {
  readonly in: RepositoryName;
  /** How long (ms) behind the actions. */
  readonly after: number;
  readonly policy: CollectionPolicy;
}

/** A database whose contents are explained, and that a test may change behind the back of its ports. */
export class ExplainedDatabase {
  readonly ports: MetadataPorts;
  readonly #file: DatabaseFile;
  readonly #clock = new ManualClock(NOW);

  private constructor(file: DatabaseFile) {
    this.#file = file;
    this.ports = file.ports;
  }

  static async open(): Promise<ExplainedDatabase> {
    return new ExplainedDatabase(await openDatabaseFile());
  }

  async explain(
    digest: Digest,
    { in: repository, after = 0, policy }: Partial<Asked> = {},
  ): Promise<ContentExplanation> {
    const explanation = await this.useCaseAt(after, policy).execute({ repository, reference: digest });
    if (explanation === undefined) throw new Error('not explained');
    return explanation;
  }

  /** @param after how long (ms) behind the actions it is asked */
  useCaseAt(after: number, policy = LEAVES_UNTAGGED): ExplainContent {
    this.#clock.advance(NOW + after - this.#clock.now());
    const { holders, manifests, adoption } = this.ports;
    return new ExplainContent(holders, manifests, adoption, this.#clock, policy);
  }

  setContent(digest: Digest, columns: string): void {
    this.#run(`UPDATE content SET ${columns} WHERE digest = ?`, encodeDigest(digest));
  }

  setReview(table: 'manifest' | 'blob_link', digest: Digest, time: number | null): void {
    this.#run(
      `UPDATE ${table} SET review_after = ? WHERE content_id = ${CONTENT}`,
      time,
      encodeDigest(digest),
    );
  }

  setSubject(manifest: Digest, subject: Digest): void {
    const values = [encodeDigest(subject), encodeDigest(manifest)];
    this.#run(`UPDATE manifest SET subject = ? WHERE content_id = ${CONTENT}`, ...values);
  }

  makeUnreadable(repository: RepositoryName, path: string): void {
    const values = [path, digestInPath(path) ?? null, repository.toString()];
    this.#run(
      `INSERT OR IGNORE INTO unreadable (repository_id, path, reason, digest) SELECT id, ?, 'is cut off', ? FROM repository WHERE name = ?`,
      ...values,
    );
  }

  /** Names that are due, and that a review of each by itself would remove: manifests, then links, by their rows. */
  removedByReviews(now: number): readonly string[] {
    const looks = new CollectionLooks(this.#file.database, lookStatements);
    const due = (table: string): readonly DueRow[] =>
      this.#file.raw
        .prepare(
          `SELECT n.repository_id, n.content_id, c.digest FROM ${table} n JOIN content c ON c.id = n.content_id
            WHERE n.review_after <= ? ORDER BY n.repository_id, n.content_id`,
        )
        .all(now) as readonly DueRow[];
    const manifests = due('manifest').filter(
      (row) => looks.manifest(row.repository_id, row.content_id, now).kind === 'unkept',
    );
    const links = due('blob_link').filter(
      (row) =>
        looks.link(row.repository_id, row.content_id, decodeDigest(row.digest)).kind === 'unreferenced',
    );
    return [
      ...manifests.map(({ digest }) => `revision ${decodeDigest(digest).toString()}`),
      ...links.map(({ digest }) => `link ${decodeDigest(digest).toString()}`),
    ];
  }

  dispose(): Promise<void> {
    return this.#file.dispose();
  }

  #run(sql: string, ...values: readonly unknown[]): void {
    this.#file.raw.prepare(sql).run(...values);
  }
}

interface DueRow {
  readonly repository_id: number;
  readonly content_id: number;
  readonly digest: Uint8Array;
}

const CONTENT = '(SELECT id FROM content WHERE digest = ?)';

/** What it says of the only repository that has it. */
export function fatesIn(
  repository: RepositoryName,
  { holders }: ContentExplanation,
): { readonly link: LinkFate | undefined; readonly manifest: ManifestFate | undefined } {
  const [holder, ...others] = holders.items;
  const isOnly = others.length === 0 && !holders.more;
  if (!isOnly || holder?.repository.toString() !== repository.toString()) throw new Error('held elsewhere');
  return { link: holder.link?.fate, manifest: holder.manifest?.fate };
}

/** How each manifest of a chain is held, and which it is. */
export function steps(
  chain: readonly { readonly digest: Digest; readonly heldBy: string | undefined }[],
): readonly (readonly [string | undefined, string])[] {
  return chain.map(({ digest, heldBy }) => [heldBy, digest.toString()]);
}

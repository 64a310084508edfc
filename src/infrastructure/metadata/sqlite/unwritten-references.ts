import type { Digest } from '../../../domain/content/digest.js';
import { parseStoredManifest } from '../../../domain/manifest/parse-stored-manifest.js';
import { decodeDigest } from '../sql/digest-codec.js';
import type { lookStatements } from '../sql/look-statements.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Incomplete manifests of a repository whose bytes are searched. With more of them nothing of it is removed. */
const MOST_INCOMPLETE = 200;

/** A reference that a manifest makes and that has no row, since what it names was not there when it came. */
export interface UnwrittenReference {
  readonly manifestId: number;
  readonly contentId: number;
}

/** References that manifests make and that have no row, since what they name was not there when the manifest came. */
export class UnwrittenReferences {
  readonly #incomplete;
  readonly #bytesNaming;
  readonly #digest;

  constructor(database: SqliteDatabase, statements: typeof lookStatements) {
    this.#incomplete = database.prepare(statements.incomplete);
    this.#bytesNaming = database.prepare(statements.bytesNaming);
    this.#digest = database.prepare(manifestStatements.content);
  }

  /**
   * Manifests whose bytes reference a content although no row says so. One whose bytes are not understood counts as
   * soon as the digest occurs in them. Undefined when there are too many to look at.
   */
  naming(repositoryId: number, contentId: number, digest: Digest): readonly number[] | undefined {
    const incomplete = this.#incomplete.all(repositoryId, MOST_INCOMPLETE + 1);
    if (incomplete.length > MOST_INCOMPLETE) return undefined;
    const text = Buffer.from(digest.toString());
    return incomplete
      .map(({ content_id: id }) => id)
      .filter((id) => {
        const body = id === contentId ? undefined : this.#bytesNaming.get(id, text);
        return body !== undefined && this.#references(id, body.bytes, digest);
      });
  }

  #references(manifestId: number, bytes: Uint8Array, digest: Digest): boolean {
    const content = this.#digest.get(manifestId);
    if (content === undefined) return false;
    const { buffer, byteOffset, length } = bytes;
    const body = Buffer.from(buffer, byteOffset, length);
    const read = parseStoredManifest(body, decodeDigest(content.digest), undefined);
    if ('reason' in read || read.content === undefined) return true;
    return read.content.references.some((reference) => reference.digestText === digest.toString());
  }
}

import type { ManifestEntry, StoredManifest } from '../../../application/ports/metadata/manifest-index.js';
import { decodeDigest } from '../sql/digest-codec.js';
import { ByteBoundedCache, type CacheCounts } from '../../system/byte-bounded-cache.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { MediaTypes } from './media-types.js';
import type { SqliteDatabase } from './sqlite-database.js';

const BUDGET = 32 * 1024 * 1024;

/** What a row of a repository says of a manifest: which content, pushed under which media type. */
export interface ManifestRow {
  readonly content_id: number;
  readonly media_type_id: number;
}

/**
 * Bytes of manifests, which never change, so those asked for lately are kept. Whether a repository has one is not
 * known here. The same manifest is the same object as long as it is kept: others may hang what they derive on it.
 */
export class ManifestContents {
  readonly #mediaTypes: MediaTypes;
  readonly #content;
  readonly #body;
  readonly #kept: ByteBoundedCache<StoredManifest>;

  /** @param budget bytes to keep */
  constructor(database: SqliteDatabase, budget = BUDGET) {
    this.#mediaTypes = new MediaTypes(database);
    this.#content = database.prepare(manifestStatements.content);
    this.#body = database.prepare(manifestStatements.body);
    this.#kept = new ByteBoundedCache(budget, ({ bytes }) => bytes.length);
  }

  /** Lists are left out. */
  get counts(): CacheCounts {
    return this.#kept.counts;
  }

  /** Undefined when the content has gone since the row was read. */
  describe(row: ManifestRow): ManifestEntry | undefined {
    const kept = this.#kept.find(keyOf(row));
    if (kept !== undefined) return kept;
    const content = this.#content.get(row.content_id);
    return (
      content && {
        digest: decodeDigest(content.digest),
        mediaType: this.#mediaTypes.name(row.media_type_id),
        size: content.size,
      }
    );
  }

  /** Undefined when the content has gone since the row was read. */
  load(row: ManifestRow): StoredManifest | undefined {
    const key = keyOf(row);
    const kept = this.#kept.find(key);
    if (kept !== undefined) return kept;
    const read = this.#read(row);
    if (read !== undefined) this.#kept.keep(key, read);
    return read;
  }

  /** The same for long lists, which would push out what is asked for often. */
  loadOnce(row: ManifestRow): StoredManifest | undefined {
    return this.#kept.peek(keyOf(row)) ?? this.#read(row);
  }

  #read(row: ManifestRow): StoredManifest | undefined {
    const body = this.#body.get(row.content_id);
    if (body === undefined) return undefined;
    const { buffer, byteOffset, length } = body.bytes;
    return {
      digest: decodeDigest(body.digest),
      mediaType: this.#mediaTypes.name(row.media_type_id),
      size: length,
      bytes: Buffer.from(buffer, byteOffset, length),
    };
  }
}

function keyOf(row: ManifestRow): string {
  return `${row.content_id}.${row.media_type_id}`;
}

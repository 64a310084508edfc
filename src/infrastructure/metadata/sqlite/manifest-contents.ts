import { LRUCache } from 'lru-cache';
import type { ManifestEntry, StoredManifest } from '../../../application/ports/metadata/manifest-index.js';
import { decodeDigest } from '../sql/digest-codec.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { MediaTypes } from './media-types.js';
import type { SqliteDatabase } from './sqlite-database.js';

const BUDGET = 32 * 1024 * 1024;
/** What an entry costs beside its bytes, roughly. */
const OVERHEAD = 512;

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
  readonly #kept: LRUCache<string, StoredManifest>;
  #asked = 0;
  #found = 0;

  /** @param budget bytes to keep */
  constructor(database: SqliteDatabase, budget = BUDGET) {
    this.#mediaTypes = new MediaTypes(database);
    this.#content = database.prepare(manifestStatements.content);
    this.#body = database.prepare(manifestStatements.body);
    this.#kept = new LRUCache({
      maxSize: budget,
      sizeCalculation: (manifest) => manifest.bytes.length + OVERHEAD,
    });
  }

  /** How often a manifest was asked for, and how often it was kept; lists are left out. Bytes that are kept. */
  get counts(): { readonly asked: number; readonly found: number; readonly bytes: number } {
    return { asked: this.#asked, found: this.#found, bytes: this.#kept.calculatedSize };
  }

  /** Undefined when the content has gone since the row was read. */
  describe(row: ManifestRow): ManifestEntry | undefined {
    const kept = this.#find(keyOf(row));
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
    const kept = this.#find(key);
    if (kept !== undefined) return kept;
    const read = this.#read(row);
    if (read !== undefined) this.#kept.set(key, read);
    return read;
  }

  /** The same for long lists, which would push out what is asked for often. */
  loadOnce(row: ManifestRow): StoredManifest | undefined {
    return this.#kept.peek(keyOf(row)) ?? this.#read(row);
  }

  #find(key: string): StoredManifest | undefined {
    const kept = this.#kept.get(key);
    this.#asked += 1;
    if (kept !== undefined) this.#found += 1;
    return kept;
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

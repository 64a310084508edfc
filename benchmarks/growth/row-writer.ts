import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { hash } from 'node:crypto';
import type { Growing, PushedManifest } from './growing.js';

const SHA256 = Buffer.from([1]);
/** How long (ms) collection leaves alone what nothing references, as the program has it by default. */
const GRACE = 86_400_000;
/** content.state: the bytes of a manifest are in the database, those of a blob in the storage. */
const STATE = { manifest: 0, blob: 1 } as const;

/** One byte for sha256, then the value, as the database has it. */
function digestOf(bytes: Buffer): Buffer {
  return Buffer.concat([SHA256, hash('sha256', bytes, 'buffer')]);
}

function storedDigest(text: string): Buffer {
  return Buffer.concat([SHA256, Buffer.from(text.slice('sha256:'.length), 'hex')]);
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}

/** The parts of an image's manifest that the database has in columns. */
interface Parsed {
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
}

function statements(database: DatabaseSyncInstance) {
  const prepare = (sql: string) => database.prepare(sql);
  return {
    findRepository: prepare('SELECT id FROM repository WHERE name = ?'),
    repository: prepare('INSERT INTO repository (name, populated, created_at) VALUES (?, 1, ?)'),
    findContent: prepare('SELECT id FROM content WHERE digest = ?'),
    content: prepare('INSERT INTO content (digest, size, state, review_after) VALUES (?, ?, ?, ?)'),
    findType: prepare('SELECT id FROM media_type WHERE name = ?'),
    mediaType: prepare('INSERT INTO media_type (name) VALUES (?)'),
    link: prepare('INSERT OR IGNORE INTO blob_link VALUES (?, ?, ?, ?)'),
    manifest: prepare(
      'INSERT OR IGNORE INTO manifest (repository_id, content_id, media_type_id, artifact_type_id, subject, pushed_at, review_after) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    body: prepare('INSERT OR IGNORE INTO manifest_body VALUES (?, ?)'),
    reference: prepare('INSERT OR IGNORE INTO manifest_blob VALUES (?, ?, ?)'),
    tag: prepare('INSERT INTO tag (repository_id, name, content_id, updated_at) VALUES (?, ?, ?, ?)'),
  };
}

/**
 * Rows as pushes leave them once all is settled: link files are written, bytes are in the storage, sessions of uploads are
 * forgotten. Only images and what has their form are known.
 */
export class RowWriter implements Growing {
  readonly #rows: ReturnType<typeof statements>;
  readonly #now: number;
  readonly #types = new Map<string, number>();
  #repository = { name: '', id: 0 };

  /** @param now ms of Unix time, for all of them */
  constructor(database: DatabaseSyncInstance, now: number) {
    this.#rows = statements(database);
    this.#now = now;
  }

  pushBlob(repository: string, bytes: Buffer): void {
    const id = this.#repositoryId(repository);
    const content = this.#content(digestOf(bytes), bytes.length, STATE.blob);
    this.#rows.link.run(id, content, this.#now, this.#now + 1.5 * GRACE);
  }

  /** The first push of a manifest tells whether a tag names it. */
  pushManifest(repository: string, { mediaType, bytes }: PushedManifest, tag: string | undefined): void {
    const { artifactType, config, layers, subject } = JSON.parse(bytes.toString()) as Parsed;
    const id = this.#repositoryId(repository);
    const content = this.#content(digestOf(bytes), bytes.length, STATE.manifest);
    this.#rows.body.run(content, bytes);
    this.#rows.manifest.run(
      id,
      content,
      this.#typeId(mediaType),
      this.#typeId(artifactType ?? config.mediaType),
      subject === undefined ? null : storedDigest(subject.digest),
      this.#now,
      tag === undefined ? this.#now + GRACE : null,
    );
    for (const { digest } of [config, ...layers]) {
      this.#rows.reference.run(id, content, this.#existing(storedDigest(digest)));
    }
    if (tag !== undefined) this.#rows.tag.run(id, tag, content, this.#now);
  }

  #repositoryId(name: string): number {
    if (this.#repository.name === name) return this.#repository.id;
    const found = this.#rows.findRepository.get(name)?.['id'];
    const id = Number(found ?? this.#rows.repository.run(name, this.#now).lastInsertRowid);
    this.#repository = { name, id };
    return id;
  }

  #content(digest: Buffer, size: number, state: number): number {
    const found = this.#rows.findContent.get(digest)?.['id'];
    if (found !== undefined) return Number(found);
    return Number(this.#rows.content.run(digest, size, state, this.#now + GRACE).lastInsertRowid);
  }

  #existing(digest: Buffer): number {
    const found = this.#rows.findContent.get(digest)?.['id'];
    if (found === undefined) throw new Error('a manifest references what was not pushed before it');
    return Number(found);
  }

  #typeId(name: string): number {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const found = this.#rows.findType.get(name)?.['id'];
    const id = Number(found ?? this.#rows.mediaType.run(name).lastInsertRowid);
    this.#types.set(name, id);
    return id;
  }
}

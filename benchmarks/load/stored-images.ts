import { randomBytes } from 'node:crypto';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { numbered } from './fill.js';
import { inTransactions, lastId, withDatabase } from './rows.js';

const LAYERS = 5;
/** What an image has beside its manifest: layers and a config. */
const BLOBS = LAYERS + 1;
const SIZE = 4096;
const BODY = Buffer.from('{"schemaVersion":2}');

export interface Images {
  readonly repositories: number;
  /** In each repository, each with layers of its own. */
  readonly images: number;
  /** Whether a tag names each, so that nothing waits for a review; else all of it is due. */
  readonly tagged: boolean;
}

/** One byte for sha256, then the value, as the database has it. */
export function randomDigest(): Buffer {
  const digest = randomBytes(33);
  digest[0] = 1;
  return digest;
}

function statements(database: DatabaseSyncInstance) {
  return {
    repository: database.prepare(
      'INSERT INTO repository (id, name, populated, created_at) VALUES (?, ?, 1, 1)',
    ),
    content: database.prepare('INSERT INTO content (id, digest, size, state) VALUES (?, ?, ?, ?)'),
    link: database.prepare(
      'INSERT INTO blob_link (repository_id, content_id, linked_at, review_after) VALUES (?, ?, 1, ?)',
    ),
    manifest: database.prepare(
      'INSERT INTO manifest (repository_id, content_id, media_type_id, pushed_at, review_after) VALUES (?, ?, 1, 1, ?)',
    ),
    body: database.prepare('INSERT INTO manifest_body (content_id, bytes) VALUES (?, ?)'),
    reference: database.prepare(
      'INSERT INTO manifest_blob (repository_id, manifest_id, blob_id) VALUES (?, ?, ?)',
    ),
    tag: database.prepare(
      'INSERT INTO tag (repository_id, name, content_id, updated_at) VALUES (?, ?, ?, 1)',
    ),
  };
}

/** Rows of images as their pushes would have left them, but no file of theirs. The registry has a manifest already. */
export function storeImages(root: string, { repositories, images, tagged }: Images): void {
  withDatabase(root, (database) => {
    const insert = statements(database);
    const firstRepository = lastId(database, 'repository') + 1;
    let content = lastId(database, 'content');
    const review = tagged ? null : 1;
    inTransactions(database, repositories * images, (number) => {
      const repository = firstRepository + Math.floor(number / images);
      if (number % images === 0) insert.repository.run(repository, numbered('stored/r', repository));
      const manifest = ++content;
      insert.content.run(manifest, randomDigest(), BODY.length, 0);
      insert.body.run(manifest, BODY);
      insert.manifest.run(repository, manifest, review);
      for (let blob = 0; blob < BLOBS; blob++) {
        insert.content.run(++content, randomDigest(), SIZE, 1);
        insert.link.run(repository, content, review);
        insert.reference.run(repository, manifest, content);
      }
      if (tagged) insert.tag.run(repository, numbered('t', number), manifest);
    });
    // Else the registry does it while something is measured.
    database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  });
}

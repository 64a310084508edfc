import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './content.js';
import { inTransactions, withDatabase } from './rows.js';
import { randomDigest } from './stored-images.js';

const SIZE = 512;
/** Later than every time: nobody looks at it before it is made due. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** Blobs that no repository has, in the tree and in the database. Nothing looks at them yet. */
export function storeGarbage(root: string, count: number): void {
  withDatabase(root, (database) => {
    const insert = database.prepare(
      'INSERT INTO content (digest, size, state, review_after) VALUES (?, ?, 1, ?)',
    );
    inTransactions(database, count, () => {
      const bytes = randomBytes(SIZE);
      const hex = sha256(bytes).slice('sha256:'.length);
      const folder = join(root, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'data'), bytes);
      insert.run(Buffer.from(`01${hex}`, 'hex'), SIZE, NEVER);
    });
  });
}

/** Lets the collection see it from now on. */
export function makeDue(root: string): void {
  withDatabase(root, (database) => {
    database.prepare('UPDATE content SET review_after = 1 WHERE review_after = ?').run(NEVER);
  });
}

/** The rows alone, due at once: for what never comes to look for files. */
export function storeDueRows(root: string, count: number): void {
  withDatabase(root, (database) => {
    const insert = database.prepare(
      'INSERT INTO content (digest, size, state, review_after) VALUES (?, ?, 1, 1)',
    );
    inTransactions(database, count, () => insert.run(randomDigest(), SIZE));
  });
}

import { DatabaseSync } from '@photostructure/sqlite';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TREE } from '../../support/reference-tree.js';
import { expect, vi } from 'vitest';

/** Digests whose bytes lie in the tree, in byte order. */
export function storedDigests(root: string): readonly string[] {
  const blobs = join(root, TREE, 'blobs');
  return readdirSync(blobs, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/data'))
    .map((path) => {
      const [algorithm = '', , hex = ''] = path.split('/');
      return `${algorithm}:${hex}`;
    })
    .toSorted();
}

/** Fences of claims: none are left when no collection runs. */
export function openFences(root: string): readonly string[] {
  const folder = join(root, 'stowage/gc');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Every row of every table of the metadata database, as text. */
export function databaseRows(root: string): readonly string[] {
  const database = new DatabaseSync(join(root, 'stowage/metadata.db'), { readOnly: true });
  try {
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all() as unknown as readonly { readonly name: string }[];
    return tables.flatMap(({ name }) =>
      database
        .prepare(`SELECT * FROM "${name}"`)
        .all()
        .map((row) => `${name} ${JSON.stringify(row)}`),
    );
  } finally {
    database.close();
  }
}

/** Resolves when no link file and no small blob waits in the database any more: they do a moment longer than a push. */
export async function everythingWritten(root: string): Promise<void> {
  await vi.waitFor(() => expect(databaseRows(root).filter((row) => row.startsWith('journal '))).toEqual([]), {
    timeout: 10_000,
  });
}

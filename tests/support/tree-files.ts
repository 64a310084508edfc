import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TREE } from './reference-tree.js';

/**
 * Every file of the reference registry's tree, by its path below the root: a link by its text, other content by its
 * digest. Open uploads are left out: they are no two programs' same.
 */
export function treeFiles(root: string): ReadonlyMap<string, string> {
  const files = readdirSync(join(root, TREE), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !path.includes('/_uploads/'));
  return new Map(files.toSorted().map((path) => [path, contentOf(join(root, path), path)]));
}

function contentOf(file: string, path: string): string {
  const content = readFileSync(file);
  return path.endsWith('/link') ? content.toString() : createHash('sha256').update(content).digest('hex');
}

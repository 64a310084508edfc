import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version in the package.json that this program came with, however deep its compiled files lie below it. */
export function programVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder);) {
    const file = join(folder, 'package.json');
    const { name, version } = existsSync(file) ? readPackage(file) : {};
    if (name === 'stowage' && version !== undefined) return version;
    folder = dirname(folder);
  }
  throw new Error('the package.json of this program is missing');
}

function readPackage(file: string): { readonly name?: string; readonly version?: string } {
  return JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
}

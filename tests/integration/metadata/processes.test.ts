import { DatabaseSync } from '@photostructure/sqlite';
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repository } from '../../contract/metadata/metadata-actions.js';
import { openDatabaseFile, scalar, type DatabaseFile } from './database-file.js';
import { MIGRATIONS } from '../../../src/infrastructure/metadata/sql/migrations/migrations.js';

const HOOKS = join(import.meta.dirname, '../../support/typescript-workers.mjs');
const WRITER = fileURLToPath(new URL('./writing-process.ts', import.meta.url));
const PUSHES = 60;

/** Runs a process that pushes; see writing-process.ts. */
async function write(
  path: string,
  name: string,
  count = PUSHES,
): Promise<{ readonly pushed: number; readonly faults: string[] }> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    HOOKS,
    WRITER,
    path,
    name,
    String(count),
  ]);
  return JSON.parse(stdout) as { pushed: number; faults: string[] };
}

describe('several processes that write one database', () => {
  let file: DatabaseFile;
  beforeEach(async () => {
    file = await openDatabaseFile();
  });
  afterEach(() => file.dispose());

  it('lose nothing, and none is refused', async () => {
    const results = await Promise.all(['one', 'two', 'three'].map((name) => write(file.path, name)));
    for (const result of results) expect(result).toEqual({ pushed: PUSHES, faults: [] });
    expect(
      scalar(
        file.raw,
        "SELECT count(*) FROM blob_link l JOIN repository r ON r.id = l.repository_id WHERE r.name = 'shared'",
      ),
    ).toBe(PUSHES);
    for (const name of ['one', 'two', 'three']) {
      const own = await file.ports.tags.page(repository(name), { after: undefined, limit: 1000 });
      expect(own).toHaveLength(PUSHES);
    }
    expect(scalar(file.raw, 'PRAGMA integrity_check')).toBe('ok');
    expect(file.raw.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
  });

  it('make a new database together', async () => {
    const path = `${file.path}.new`;
    const names = ['one', 'two', 'three'];
    const results = await Promise.all(names.map((name) => write(path, name, 5)));
    for (const result of results) expect(result).toEqual({ pushed: 5, faults: [] });
    const raw = new DatabaseSync(path);
    expect(scalar(raw, 'SELECT count(*) FROM kysely_migration')).toBe(Object.keys(MIGRATIONS).length);
    expect(scalar(raw, "SELECT count(*) FROM repository WHERE name = 'shared'")).toBe(1);
    expect(scalar(raw, 'SELECT count(*) FROM tag')).toBe(15);
    raw.close();
  });

  it('leave the WAL in place when one of them opens and closes', async () => {
    const before = scalar(file.raw, 'SELECT count(*) FROM content');
    await write(file.path, 'guest');
    expect(statSync(file.walPath).nlink).toBe(1);
    expect(Number(scalar(file.raw, 'SELECT count(*) FROM content'))).toBeGreaterThan(Number(before));
  });
});

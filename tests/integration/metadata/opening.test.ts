import { DatabaseSync } from '@photostructure/sqlite';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetadataUnavailable } from '../../../src/application/ports/metadata/metadata-unavailable.js';
import { DatabaseRefused } from '../../../src/infrastructure/metadata/sqlite/database-refused.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { openConnection } from '../../../src/infrastructure/metadata/sqlite/open-connection.js';
import { pushBlob, repository } from '../../contract/metadata/metadata-actions.js';
import { portsOf, unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { scalar } from './database-file.js';

describe('opening the metadata database', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stowage-metadata-'));
    path = join(folder, 'metadata.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = () => SqliteDatabase.open(path, unexpectedEnd);
  const edit = (sql: string): void => {
    const raw = new DatabaseSync(path);
    raw.exec(sql);
    raw.close();
  };

  it('makes the folders it needs', async () => {
    path = join(folder, 'a', 'b', 'metadata.db');
    (await open()).close();
    expect(existsSync(path)).toBe(true);
  });

  it('finds again what it was told', async () => {
    const first = await open();
    const digest = await pushBlob(portsOf(first), 'a', 'x');
    first.close();
    const second = await open();
    expect(await portsOf(second).blobs.find(repository('a'), digest)).toBeDefined();
    second.close();
  });

  it('sets what the durability of the whole rests on', async () => {
    const connection = await openConnection(path);
    const settings = Object.fromEntries(
      ['journal_mode', 'synchronous', 'wal_autocheckpoint', 'busy_timeout', 'foreign_keys', 'mmap_size'].map(
        (name) => [name, scalar(connection, `PRAGMA ${name}`)],
      ),
    );
    expect(settings).toEqual({
      journal_mode: 'wal',
      synchronous: 1,
      wal_autocheckpoint: 0,
      busy_timeout: 0,
      foreign_keys: 1,
      mmap_size: 0,
    });
    connection.close();
  });

  it('refuses a database of a newer version with a sentence and leaves it as it is', async () => {
    (await open()).close();
    edit("INSERT INTO kysely_migration VALUES ('9999-future', '2030-01-01')");
    edit('PRAGMA wal_checkpoint(TRUNCATE)');
    const before = readFileSync(path);
    const refusal: unknown = await open().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DatabaseRefused);
    expect(String(refusal)).toMatch(/newer version of Stowage \(9999-future\)/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('refuses a file that is no database, and leaves it as it is', async () => {
    const text = 'certainly no database, but long enough to have a header of a hundred bytes. '.repeat(3);
    writeFileSync(path, text);
    await expect(open()).rejects.toThrow(/is not a database; name another file/);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('refuses the database of another program', async () => {
    edit('CREATE TABLE bookmarks (url TEXT)');
    await expect(open()).rejects.toThrow(/not one of Stowage/);
    edit('DROP TABLE bookmarks');
    (await open()).close();
  });

  it('fails when its folder can not be made, or its file is a folder', async () => {
    const parent = path;
    writeFileSync(parent, '');
    path = join(parent, 'stowage', 'metadata.db');
    await expect(open()).rejects.toMatchObject({ code: 'ENOTDIR' });
    path = folder;
    await expect(open()).rejects.toThrow(MetadataUnavailable);
  });

  it('goes on after a crash that left a WAL', async () => {
    const first = await open();
    const digest = await pushBlob(portsOf(first), 'a', 'x');
    // A copy of both files as a killed process leaves them.
    const copy = join(folder, 'copy.db');
    writeFileSync(copy, readFileSync(path));
    writeFileSync(`${copy}-wal`, readFileSync(`${path}-wal`));
    first.close();
    rmSync(path);
    path = copy;
    const second = await open();
    expect(await portsOf(second).blobs.find(repository('a'), digest)).toBeDefined();
    second.close();
  });
});

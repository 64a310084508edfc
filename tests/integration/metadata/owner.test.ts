import { DatabaseSync } from '@photostructure/sqlite';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExpectedOwner } from '../../../src/infrastructure/metadata/sqlite/assert-owner.js';
import { DatabaseRefused } from '../../../src/infrastructure/metadata/sqlite/database-refused.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteDatabaseIdentity } from '../../../src/infrastructure/metadata/sqlite/sqlite-database-identity.js';
import { pushImage } from '../../contract/metadata/metadata-actions.js';
import { portsOf, unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

describe('a folder that says which database it belongs to', () => {
  let temp: TempDir;
  let path: string;
  beforeEach(async () => {
    temp = await makeTempDir();
    path = join(temp.path, 'metadata.db');
  });
  afterEach(() => temp.remove());

  const open = (owner?: ExpectedOwner): Promise<SqliteDatabase> =>
    SqliteDatabase.open(path, unexpectedEnd, undefined, { owner });
  /** Opens, looks and closes. */
  const look = async (work?: (database: SqliteDatabase) => Promise<unknown>) => {
    const database = await open();
    await work?.(database);
    const identity = new SqliteDatabaseIdentity(database);
    const found = { database: identity.id, journal: identity.lastChange() };
    database.close();
    return found;
  };
  const push = (tag: string) => async (database: SqliteDatabase) => {
    await pushImage(portsOf(database), 'a', `config of ${tag}`, { tags: [tag] });
  };
  const refusal = async (owner: ExpectedOwner): Promise<string> => {
    const error: unknown = await open(owner).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseRefused);
    const { message } = error as DatabaseRefused;
    expect(message).toContain('`stowage index rebuild`');
    expect(message).toContain('`stowage index repair --from-storage`');
    return message;
  };

  it('is told by an id that stays, and that a copy keeps', async () => {
    const first = await look();
    expect(first.database).toMatch(/^[0-9a-f]{32}$/);
    expect(first.journal).toBe(0);
    copyFileSync(path, join(temp.path, 'copy.db'));
    expect(await look()).toEqual(first);
    path = join(temp.path, 'copy.db');
    expect(await look()).toEqual(first);
    path = join(temp.path, 'other.db');
    expect((await look()).database).not.toBe(first.database);
  });

  it('lets in that database, also when it has gone on', async () => {
    const before = await look(push('v1'));
    expect(before.journal).toBeGreaterThan(0);
    const after = await look(push('v2'));
    expect(after.journal).toBeGreaterThan(before.journal);
    for (const { database, journal } of [before, after]) {
      (await open({ place: 'the folder /x', database, journal })).close();
    }
  });

  it('counts changes that are no longer in the journal', async () => {
    const found = await look(async (database) => {
      await push('v1')(database);
      await database.transaction(() => database.prepare({ sql: 'DELETE FROM journal' }).run());
    });
    expect(found.journal).toBeGreaterThan(0);
  });

  it('refuses another database in a sentence, and leaves it as it is', async () => {
    await look(push('v1'));
    const before = readFileSync(path);
    const message = await refusal({ place: 'the folder /x', database: 'ab'.repeat(16), journal: 0 });
    expect(message).toMatch(
      /^the folder \/x belongs to another metadata database than .*metadata\.db; name that one/,
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('refuses a restored backup in a sentence that has the numbers, and leaves it as it is', async () => {
    const backup = await look(push('v1'));
    copyFileSync(path, join(temp.path, 'backup.db'));
    const { journal } = await look(push('v2'));
    path = join(temp.path, 'backup.db');
    const before = readFileSync(path);
    const message = await refusal({ place: 'the folder /x', database: backup.database, journal });
    expect(message).toContain(`(its last change is number ${backup.journal}, the storage's ${journal})`);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('refuses a database of a version that gave no identity', async () => {
    await look();
    const raw = new DatabaseSync(path);
    raw.exec(`
      DROP INDEX journal_key; DROP INDEX journal_replaced; DROP INDEX manifest_incomplete;
      CREATE INDEX upload_repository ON upload (repository_id);
      DROP TABLE database_identity; DROP TABLE adoption; DROP TABLE unreadable;
      DROP TABLE orphan_scan; DROP TABLE orphan_candidate; DROP TABLE former_name; DROP TABLE departed_subject; DROP TABLE waiting_bytes; DROP TABLE outbox_event; DROP TABLE outbox_endpoint;
      ALTER TABLE journal DROP COLUMN given; ALTER TABLE content DROP COLUMN unverified; ALTER TABLE manifest DROP COLUMN incomplete;
      DELETE FROM kysely_migration WHERE name >= '0003'`);
    raw.close();
    expect(await refusal({ place: 'the folder /x', database: 'ab'.repeat(16), journal: 0 })).toContain(
      'another',
    );
    const again = new DatabaseSync(path);
    expect(
      again.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'database_identity'").get(),
    ).toBeUndefined();
    again.close();
    expect((await look()).database).toMatch(/^[0-9a-f]{32}$/);
  });

  it('makes no new database in place of the one that it names', async () => {
    path = join(temp.path, 'a', 'metadata.db');
    const message = await refusal({ place: 'the folder /x', database: 'ab'.repeat(16), journal: 0 });
    expect(message).toMatch(/belongs to a metadata database that is not at .*; bring it there/);
    expect(existsSync(join(temp.path, 'a'))).toBe(false);
  });
});

import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isBusy, isNoDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-fault.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

const PAGE_BYTES = 4096;

let temp: TempDir;
let path: string;
beforeEach(async () => {
  temp = await makeTempDir();
  path = join(temp.path, 'a.db');
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT)');
  const add = database.prepare('INSERT INTO row (text) VALUES (?)');
  database.exec('BEGIN');
  for (let row = 0; row < 100; row += 1) add.run(`row ${row} ${'x'.repeat(1_000)}`);
  database.exec('COMMIT');
  database.close();
});
afterEach(async () => temp.remove());

/** What a statement throws that reads all rows: the library gives it no code. */
function faultOf(database: DatabaseSyncInstance): unknown {
  try {
    database.prepare('SELECT * FROM row').all();
  } catch (error) {
    return error;
  } finally {
    database.close();
  }
  return undefined;
}

it('a page that is damaged is told from other faults', () => {
  const file = readFileSync(path);
  const at = file.indexOf('row 50 ');
  file.fill(0xff, at - (at % PAGE_BYTES), at - (at % PAGE_BYTES) + 16);
  writeFileSync(path, file);
  const fault = faultOf(new DatabaseSync(path));
  expect([isNoDatabase(fault), isBusy(fault)]).toEqual([true, false]);
});

it('a lock of another connection is told from other faults', () => {
  const other = new DatabaseSync(path);
  other.exec('BEGIN EXCLUSIVE');
  const fault = faultOf(new DatabaseSync(path, { timeout: 0 }));
  other.close();
  expect([isBusy(fault), isNoDatabase(fault)]).toEqual([true, false]);
});

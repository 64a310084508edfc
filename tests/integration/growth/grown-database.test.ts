import { DatabaseSync } from '@photostructure/sqlite';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AXES, type Axis } from '../../../benchmarks/growth/axes.js';
import { growDatabase } from '../../../benchmarks/growth/grow-database.js';
import { overHttp } from '../../../benchmarks/growth/over-http.js';
import { Connection } from '../../../benchmarks/load/connection.js';
import { TOKENS as T } from '../../../src/container/tokens.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { InProcessRegistry } from '../../support/in-process-registry.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

const COUNT = 25;
/** One of each process, or forgotten within the hour. */
const LEFT_OUT = new Set(['database_identity', 'upload']);
/** Of the row of a database's own counters that names the journal: it had rows, and has none any more. */
const JOURNAL = 'journal';

type Row = Readonly<Record<string, unknown>>;

/** Times become what they are later than when the rows were made, in grace periods. */
function withoutTime([column, value]: [string, unknown], [from, to]: readonly [number, number]): unknown {
  if (!/_(at|after)$/.test(column) || value === null) return value;
  const halfDays = Math.floor((Number(value) - from) / 43_200_000);
  const isWithin = Number(value) - halfDays * 43_200_000 <= to;
  return isWithin ? `${halfDays} half days later` : value;
}

/** Of rows that come in the order in which tables got their first row. */
const ORDERS: Readonly<Record<string, string>> = { sqlite_sequence: ' ORDER BY name' };

function tablesOf(path: string, times: readonly [number, number]): Readonly<Record<string, readonly Row[]>> {
  const database = new DatabaseSync(path, { readOnly: true });
  const names = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'kysely%' ORDER BY name")
    .all()
    .map(({ name }) => String(name))
    .filter((name) => !LEFT_OUT.has(name));
  const rowsOf = (name: string): readonly Row[] =>
    (database.prepare(`SELECT * FROM ${name}${ORDERS[name] ?? ''}`).all() as Row[])
      .filter((row) => row['name'] !== JOURNAL)
      .map((row) =>
        Object.fromEntries(Object.entries(row).map((entry) => [entry[0], withoutTime(entry, times)])),
      );
  const tables = Object.fromEntries(names.map((name) => [name, rowsOf(name)]));
  database.close();
  return tables;
}

function schemaOf(path: string): readonly unknown[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY name').all();
  database.close();
  return rows;
}

describe('the generator of large databases', () => {
  let temp: TempDir;
  beforeEach(async () => {
    temp = await makeTempDir();
  });
  afterEach(() => temp.remove());

  async function pushed(axis: Axis, path: string): Promise<void> {
    const registry = await InProcessRegistry.start({ metadata: { sqlite: { path } } });
    const connection = await Connection.open(registry.port);
    await axis.pushAll(overHttp(connection), COUNT);
    connection.close();
    await (await registry.container.getAsync(T.namePublisher)).flush();
    await registry.stop();
  }

  async function generated(axis: Axis, path: string, now: number): Promise<void> {
    const empty = await SqliteDatabase.open(`${path}.empty`, unexpectedEnd);
    empty.close();
    // The driver keeps its file open, and the generator has to be alone.
    copyFileSync(`${path}.empty`, path);
    await growDatabase(path, axis, COUNT, now);
  }

  it.each(AXES)('leaves the rows that pushes of $name leave', async (axis) => {
    const real = join(temp.path, 'real.db');
    const made = join(temp.path, 'made.db');
    const began = Date.now();
    await pushed(axis, real);
    const ended = Date.now();
    await generated(axis, made, ended);
    const rows = tablesOf(made, [ended, ended]);
    expect(rows).toEqual(tablesOf(real, [began, ended]));
    expect(Object.values(rows).flat().length).toBeGreaterThan(COUNT);
    expect(schemaOf(made)).toEqual(schemaOf(real));
  });
});

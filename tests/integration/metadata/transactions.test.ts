import { DatabaseSync } from '@photostructure/sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetadataUnavailable } from '../../../src/application/ports/metadata/metadata-unavailable.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { TransactionRunner } from '../../../src/infrastructure/metadata/sqlite/transaction.js';
import { statement, db } from '../../../src/infrastructure/metadata/sql/statement.js';
import { NOW, pushBlob, repository } from '../../contract/metadata/metadata-actions.js';
import { unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { openDatabaseFile, scalar, type DatabaseFile } from './database-file.js';

function insertMediaType(file: DatabaseFile) {
  return file.database.prepare(statement((name: string) => db.insertInto('media_type').values({ name })));
}

/** Null for none. */
function mediaTypes(file: DatabaseFile): unknown {
  return scalar(file.raw, 'SELECT group_concat(name) FROM (SELECT name FROM media_type ORDER BY id)');
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

describe('transactions', () => {
  let file: DatabaseFile;
  beforeEach(async () => {
    file = await openDatabaseFile();
  });
  afterEach(() => file.dispose());

  it('wait for the lock of another process without stopping the event loop', async () => {
    file.raw.exec('BEGIN IMMEDIATE');
    const pushing = pushBlob(file.ports, 'a', 'x');
    // Turns of the loop: had the wait stopped it, none would come while the lock is held.
    for (let turn = 0; turn < 20; turn += 1) await sleep(1);
    expect(file.raw.isTransaction).toBe(true);
    file.raw.exec('COMMIT');
    const digest = await pushing;
    expect(await file.ports.blobs.find(repository('a'), digest)).toBeDefined();
  });

  it('that wait do not come between one another', async () => {
    file.raw.exec('BEGIN IMMEDIATE');
    const pushes = Array.from({ length: 50 }, (_, at) => pushBlob(file.ports, 'a', `blob ${at}`));
    await sleep(5);
    file.raw.exec('COMMIT');
    await Promise.all(pushes);
    expect(scalar(file.raw, 'SELECT count(*) FROM blob_link')).toBe(50);
  });

  it('give up with an answer that says when to come again', async () => {
    const connection = new DatabaseSync(file.path);
    const runner = new TransactionRunner(
      connection,
      () => undefined,
      () => undefined,
      20,
    );
    file.raw.exec('BEGIN IMMEDIATE');
    const refusal = await runner.run(() => 1).catch((error: unknown) => error);
    file.raw.exec('COMMIT');
    expect(refusal).toBeInstanceOf(MetadataUnavailable);
    expect(refusal).toMatchObject({ code: 'UNAVAILABLE', retryAfter: 1 });
    expect(await runner.run(() => 1)).toBe(1);
    connection.close();
  });

  it('leave no trace when their work throws, and the next one runs', async () => {
    const insert = insertMediaType(file);
    const failing = file.database.transaction(() => {
      insert.run('application/one');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await file.database.transaction(() => insert.run('application/two'));
    expect(mediaTypes(file)).toBe('application/two');
  });

  it('share a commit when they come up within a few turns of the event loop', async () => {
    const commits = () => file.database.transactions.seconds.cumulative(0).at(-1);
    const before = commits() ?? 0;
    const insert = insertMediaType(file);
    await Promise.all(
      ['one', 'two', 'three'].map((name) => file.database.transaction(() => insert.run(name))),
    );
    expect(commits()).toBe(before + 1);
    await Promise.all([
      file.database.transaction(() => insert.run('four')),
      turns(2).then(() => file.database.transaction(() => insert.run('five'))),
    ]);
    expect(commits()).toBe(before + 2);
    await Promise.all([
      file.database.transaction(() => insert.run('six')),
      turns(20).then(() => file.database.transaction(() => insert.run('seven'))),
    ]);
    expect(commits()).toBe(before + 4);
    expect(mediaTypes(file)).toBe('one,two,three,four,five,six,seven');
  });

  it('take back what throws, and nothing of the others in the same commit', async () => {
    const insert = insertMediaType(file);
    const { committed, rolledBack } = file.database.transactions;
    const outcomes = await Promise.allSettled(
      ['one', 'bad', 'two', 'one', 'three'].map((name) =>
        file.database.transaction(() => {
          insert.run(name);
          if (name === 'bad') throw new Error('no');
          return name;
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(outcomes[1]).toMatchObject({ reason: { message: 'no' } });
    expect(mediaTypes(file)).toBe('one,two,three');
    const counts = file.database.transactions;
    expect([counts.committed - committed, counts.rolledBack - rolledBack]).toEqual([3, 2]);
  });

  it('are all refused when the commit that they share fails', async () => {
    const insert = insertMediaType(file);
    const dangling = file.database.prepare(
      statement(() =>
        db.insertInto('unreadable').values({ repository_id: 404, path: 'x', reason: 'x', digest: null }),
      ),
    );
    const outcomes = await Promise.allSettled([
      file.database.transaction(() => insert.run('one')),
      file.database.transaction(() => {
        // Looked at by the commit alone, as a disk that fills up would be.
        file.database.addTemporaryTables(['PRAGMA defer_foreign_keys = ON']);
        dangling.run();
      }),
      file.database.transaction(() => insert.run('two')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(mediaTypes(file)).toBeNull();
    await file.database.transaction(() => insert.run('three'));
    expect(mediaTypes(file)).toBe('three');
  });

  it('are all refused when a fault of the disk takes back what was not committed yet', async () => {
    const connection = new DatabaseSync(file.path);
    const runner = new TransactionRunner(
      connection,
      () => undefined,
      () => undefined,
    );
    const outcomes = await Promise.allSettled([
      runner.run(() => connection.exec("INSERT INTO media_type (name) VALUES ('one')")),
      runner.run(() => {
        connection.exec('ROLLBACK');
        throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
      }),
      runner.run(() => connection.exec("INSERT INTO media_type (name) VALUES ('two')")),
    ]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
    expect(await runner.run(() => 'the next one')).toBe('the next one');
    expect(mediaTypes(file)).toBeNull();
    connection.close();
  });

  it('give numbers beyond 32 bits back as they were', async () => {
    const size = 2 ** 52 + 1;
    const { reserve, content } = {
      reserve: file.database.prepare(
        statement((digest: Uint8Array, bytes: number) =>
          db.insertInto('content').values({ digest, size: bytes, state: 0, review_after: NOW }),
        ),
      ),
      content: file.database.prepare(
        statement(() => db.selectFrom('content').select(['size', 'review_after', 'digest'])),
      ),
    };
    await file.database.transaction(() => reserve.run(Buffer.from([1, 0, 255]), size));
    expect(content.get()).toEqual({ size, review_after: NOW, digest: new Uint8Array([1, 0, 255]) });
  });
});

describe('a closed database', () => {
  it('runs nothing any more and has everything in its file', async () => {
    const file = await openDatabaseFile();
    const digest = await pushBlob(file.ports, 'a', 'x');
    file.database.close();
    await expect(file.ports.blobs.find(repository('a'), digest)).rejects.toThrow('closed');
    const frames = file.raw.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() as { log: number };
    expect(frames.log).toBe(0);
    expect(scalar(file.raw, 'SELECT count(*) FROM blob_link')).toBe(1);
    file.raw.close();
  });
});

describe('a database in memory', () => {
  it('is apart from every other', async () => {
    const [one, two] = [
      await SqliteDatabase.open(undefined, unexpectedEnd),
      await SqliteDatabase.open(undefined, unexpectedEnd),
    ];
    const insert = one.prepare(statement((name: string) => db.insertInto('media_type').values({ name })));
    await one.transaction(() => insert.run('application/one'));
    const count = two.prepare(statement(() => db.selectFrom('media_type').select('name')));
    expect(count.all()).toEqual([]);
    expect(one.walPath).toBeUndefined();
    one.close();
    two.close();
  });
});

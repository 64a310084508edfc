import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseRefused } from '../../../src/infrastructure/metadata/sqlite/database-refused.js';
import { LoopCheckpointer } from '../../../src/infrastructure/metadata/sqlite/loop-checkpointer.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteDurabilityBarrier } from '../../../src/infrastructure/metadata/sqlite/sqlite-durability-barrier.js';
import { pushImage } from '../../contract/metadata/metadata-actions.js';
import { portsOf, unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { ManualClock } from '../../support/fakes.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { RecordingLogger } from '../../unit/observability/recording-logger.js';

describe('a database that one process has for itself', () => {
  let temp: TempDir;
  let path: string;
  let database: SqliteDatabase;
  const open = (alone = true): Promise<SqliteDatabase> =>
    SqliteDatabase.open(path, unexpectedEnd, undefined, { alone });
  beforeEach(async () => {
    temp = await makeTempDir();
    path = join(temp.path, 'metadata.db');
    database = await open();
  });
  afterEach(async () => {
    database.close();
    await temp.remove();
  });

  it('is written and made durable without memory that processes share', async () => {
    const barrier = await SqliteDurabilityBarrier.open(`${path}-wal`, unexpectedEnd);
    await pushImage(portsOf(database), 'a', 'config', { tags: ['v1'] });
    await barrier.wait();
    await barrier.close();
    expect(readdirSync(temp.path).toSorted()).toEqual(['metadata.db', 'metadata.db-wal']);
  });

  it('lets no second process in, and says why', async () => {
    const second: unknown = await open().catch((error: unknown) => error);
    expect(second).toBeInstanceOf(DatabaseRefused);
    expect(String(second)).toMatch(/in use by another process.*only one.*metadata\.sqlite\.path/);
  });

  it('is not had alone while another process has it open', async () => {
    path = join(temp.path, 'shared.db');
    const shared = await open(false);
    await expect(open()).rejects.toThrow(/in use by another process/);
    shared.close();
  });

  it('is checkpointed by its own connection, so that its WAL does not grow without end', async () => {
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const checkpointer = new LoopCheckpointer(database, clock, logger, unexpectedEnd);
    const frames = (): number =>
      database.prepare<[], { log: number }>({ sql: 'PRAGMA wal_checkpoint(NOOP)' }).get()?.log ?? -1;
    const pushSome = async (round: number): Promise<number> => {
      for (let at = 0; at < 20; at += 1) await pushImage(portsOf(database), 'a', `config ${round} ${at}`);
      return frames();
    };
    const first = await pushSome(1);
    clock.advance(5_000);
    const second = await pushSome(2);
    expect(second).toBeLessThan(first * 1.5);
    await checkpointer.close();
    clock.advance(60_000);
    expect(await pushSome(3)).toBeGreaterThan(second);
    expect(logger.lines).toEqual([]);
  });
});

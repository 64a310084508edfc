import { beforeEach, describe, expect, it } from 'vitest';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import { TreeOwnership } from '../../../src/application/services/tree-ownership.js';
import { MemoryDriver } from '../../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { LayoutTreeOwner } from '../../../src/infrastructure/storage/layout/layout-tree-owner.js';
import { RecordingLogger } from '../observability/recording-logger.js';

const DATABASE = 'ab'.repeat(16);
const BLOB = 'docker/registry/v2/blobs/sha256/aa/aa/data';

describe('the ownership of a tree', () => {
  let driver: MemoryDriver;
  let owner: LayoutTreeOwner;
  let logger: RecordingLogger;
  let lastChange: number;
  /** What was true of the tree each time that the database was made durable. */
  let atBarrier: unknown[];
  beforeEach(() => {
    driver = new MemoryDriver();
    owner = new LayoutTreeOwner(driver);
    logger = new RecordingLogger();
    lastChange = 0;
    atBarrier = [];
  });
  const ownership = (readOnly = false): TreeOwnership =>
    new TreeOwnership(
      owner,
      { id: DATABASE, lastChange: () => lastChange },
      {
        wait: async () => {
          atBarrier.push(await owner.read());
        },
      },
      logger,
      readOnly,
    );

  it('is claimed for an empty tree, when the database that is named is durable', async () => {
    const own = ownership();
    expect(await own.isClaimed()).toBe(false);
    await own.claimEmpty();
    expect(await own.isClaimed()).toBe(true);
    expect(await owner.read()).toEqual({ database: DATABASE, journal: 0 });
    expect(atBarrier).toEqual([undefined]);
  });

  it('is not claimed for a tree in which something is, until somebody knows what', async () => {
    await driver.putContent(BLOB, Buffer.from('x'));
    const own = ownership();
    await own.claimEmpty();
    expect(await owner.read()).toBeUndefined();
    lastChange = 7;
    await own.claim();
    expect(await owner.read()).toEqual({ database: DATABASE, journal: 7 });
  });

  it('compares everything after another writer was found, until that is done', async () => {
    const own = ownership();
    await own.noteCompared();
    await own.noteOtherWriter('team/app tag v1');
    await own.noteFlush(1);
    const next = ownership();
    expect(await next.comparedUntil()).toBe('nothing');
    await next.noteCompared();
    expect(await ownership().comparedUntil()).toBeGreaterThan(0);
  });

  it('goes on comparing everything when a writer was found while one compared', async () => {
    await ownership().noteOtherWriter('team/app tag v1');
    const next = ownership();
    await next.comparedUntil();
    await ownership().noteOtherWriter('team/app tag v2');
    await next.noteCompared();
    expect(await ownership().comparedUntil()).toBe('nothing');
  });

  it('is told to the tree on demand, and then not again before the next flush', async () => {
    const own = ownership();
    await own.claim();
    await own.noteFlush(1);
    await own.noteFlush(3);
    await own.noteFlush(2);
    expect(await owner.read()).toMatchObject({ journal: 0 });
    await own.tell();
    expect(await owner.read()).toMatchObject({ journal: 3 });
    const barriers = atBarrier.length;
    await own.tell();
    expect(atBarrier).toHaveLength(barriers);
    await own.noteFlush(4);
    await own.tell();
    expect(await owner.read()).toMatchObject({ journal: 4 });
    expect(atBarrier).toHaveLength(barriers + 1);
  });

  it('never tells less than another process has told', async () => {
    const own = ownership();
    await own.claim();
    await owner.write({ database: DATABASE, journal: 50 });
    await own.noteFlush(40);
    await own.tell();
    expect(await owner.read()).toMatchObject({ journal: 50 });
    await own.noteFlush(60);
    await own.tell();
    expect(await owner.read()).toMatchObject({ journal: 60 });
  });

  it('leaves a tree alone that is not claimed, or belongs to another database', async () => {
    const own = ownership();
    await own.noteFlush(5);
    await own.tell();
    expect(await owner.read()).toBeUndefined();
    await owner.write({ database: 'other', journal: 1 });
    await own.noteFlush(6);
    await own.tell();
    expect(await owner.read()).toEqual({ database: 'other', journal: 1 });
    expect(await own.isClaimed()).toBe(false);
  });

  it('marks each flush on the storage at once, when nothing is left to be compared', async () => {
    const own = ownership();
    await own.noteFlush(0);
    expect(await own.comparedUntil()).toBeUndefined();
    await own.noteCompared();
    await own.noteFlush(1);
    const first = await own.comparedUntil();
    await driver.putContent(BLOB, Buffer.from('x'));
    await own.noteFlush(2);
    expect(first).toBeDefined();
    expect(await own.comparedUntil()).toBeGreaterThanOrEqual(
      (await driver.stat(BLOB))?.changedAt ?? Infinity,
    );
  });

  it('is not told to a tree that can not be written', async () => {
    const own = ownership(true);
    await own.claimEmpty();
    await own.claim();
    await own.noteFlush(1);
    await own.tell();
    expect(await driver.list('stowage')).toEqual([]);
  });

  it('goes on when the storage refuses to be told, and says so in the log', async () => {
    const own = ownership();
    await own.claim();
    await own.noteCompared();
    owner.markFlushed = () => Promise.reject(new StorageFault('full', 'the disk is full'));
    await own.noteFlush(1);
    expect(logger.lines).toMatchObject([
      { level: 'warn', message: 'the storage could not be told how far it has come' },
    ]);
  });
});

import { renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetadataUnavailable } from '../../../src/application/ports/metadata/metadata-unavailable.js';
import { SqliteDurabilityBarrier } from '../../../src/infrastructure/metadata/sqlite/sqlite-durability-barrier.js';
import { VolatileBarrier } from '../../../src/infrastructure/metadata/sqlite/volatile-barrier.js';
import { pushBlob } from '../../contract/metadata/metadata-actions.js';
import { openDatabaseFile, type DatabaseFile } from './database-file.js';

describe('SqliteDurabilityBarrier', () => {
  let file: DatabaseFile;
  let barrier: SqliteDurabilityBarrier;
  let ends: string[];
  beforeEach(async () => {
    ends = [];
    file = await openDatabaseFile();
    barrier = await SqliteDurabilityBarrier.open(file.walPath, (reason) => ends.push(reason));
  });
  afterEach(async () => {
    await barrier.close();
    await file.dispose();
  });

  const outcomes = (waits: readonly Promise<void>[]) =>
    Promise.all(waits.map((wait) => wait.then(() => 'kept').catch((error: unknown) => error)));

  it('resolves for one and for many who wait together', async () => {
    await pushBlob(file.ports, 'a', 'x');
    await barrier.wait();
    const waits = Array.from({ length: 100 }, () => barrier.wait());
    expect(new Set(await outcomes(waits))).toEqual(new Set(['kept']));
    expect(ends).toEqual([]);
  });

  it('resolves before and after the WAL was emptied by a checkpoint', async () => {
    await pushBlob(file.ports, 'a', 'x');
    file.raw.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    await barrier.wait();
    await pushBlob(file.ports, 'a', 'y');
    await barrier.wait();
    expect(ends).toEqual([]);
  });

  it('ends the process once when the WAL was deleted, and everyone who waits gets 503', async () => {
    await pushBlob(file.ports, 'a', 'x');
    unlinkSync(file.walPath);
    const found = await outcomes([barrier.wait(), barrier.wait(), barrier.wait()]);
    for (const error of found) expect(error).toBeInstanceOf(MetadataUnavailable);
    expect(ends).toEqual(['the metadata database could not be made durable']);
    expect((await outcomes([barrier.wait()]))[0]).toBeInstanceOf(MetadataUnavailable);
    expect(ends).toHaveLength(1);
  });

  it('ends the process when another file took the place of the WAL', async () => {
    await pushBlob(file.ports, 'a', 'x');
    renameSync(file.walPath, `${file.walPath}.old`);
    writeFileSync(file.walPath, '');
    expect((await outcomes([barrier.wait()]))[0]).toBeInstanceOf(MetadataUnavailable);
    expect(ends).toHaveLength(1);
  });

  it('looks anew for a push that wrote nothing: an earlier sync says nothing of it', async () => {
    await pushBlob(file.ports, 'a', 'x');
    await barrier.wait();
    unlinkSync(file.walPath);
    await pushBlob(file.ports, 'a', 'x');
    expect((await outcomes([barrier.wait()]))[0]).toBeInstanceOf(MetadataUnavailable);
  });

  it('refuses to open a WAL that is not there', async () => {
    const opening = SqliteDurabilityBarrier.open(`${file.walPath}.absent`, () => undefined);
    await expect(opening).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('VolatileBarrier', () => {
  it('keeps nobody waiting', async () => {
    await expect(new VolatileBarrier().wait()).resolves.toBeUndefined();
  });
});

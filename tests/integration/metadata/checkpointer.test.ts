import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../../src/application/ports/system/logger.js';
import { Checkpointer } from '../../../src/infrastructure/metadata/sqlite/checkpointer.js';
import { WalCheckpoint } from '../../../src/infrastructure/metadata/sqlite/wal-checkpoint.js';
import { pushBlob } from '../../contract/metadata/metadata-actions.js';
import { unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { openDatabaseFile, scalar, type DatabaseFile } from './database-file.js';

const LIMIT = 64 * 1024 * 1024;

/** How often the WAL has begun anew: a field of its header (https://www.sqlite.org/fileformat2.html#walformat). */
function beginningsOf(walPath: string): number {
  return readFileSync(walPath).readUInt32BE(12);
}

describe('WalCheckpoint', () => {
  let file: DatabaseFile;
  beforeEach(async () => {
    file = await openDatabaseFile();
  });
  afterEach(() => file.dispose());

  /** Frames since the WAL began, by a look that moves nothing which was not moved already. */
  const frames = (): number =>
    (file.raw.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() as { log: number }).log;

  it('moves everything into the database file and makes the first write of the new WAL', async () => {
    await pushBlob(file.ports, 'a', 'x');
    const checkpoint = new WalCheckpoint(file.path, LIMIT);
    checkpoint.step();
    checkpoint.close();
    expect(frames()).toBe(1);
    expect(scalar(file.raw, 'SELECT count(*) FROM blob_link')).toBe(1);
  });

  it('writes nothing when nothing was committed since', async () => {
    const checkpoint = new WalCheckpoint(file.path, LIMIT);
    await pushBlob(file.ports, 'a', 'x');
    checkpoint.step();
    const version = (): unknown => scalar(file.raw, 'PRAGMA data_version');
    const before = version();
    checkpoint.step();
    checkpoint.step();
    expect(version()).toBe(before);
    checkpoint.close();
  });

  it('bounds the WAL while a reader keeps an old snapshot, as soon as that ends', async () => {
    const checkpoint = new WalCheckpoint(file.path, 64 * 1024);
    file.raw.exec('BEGIN; SELECT count(*) FROM content');
    for (let at = 0; at < 40; at += 1) await pushBlob(file.ports, 'a', `blob ${at}`);
    checkpoint.step();
    const grown = statSync(file.walPath).size;
    file.raw.exec('COMMIT');
    checkpoint.step();
    for (let at = 0; at < 4; at += 1) await pushBlob(file.ports, 'b', `blob ${at}`);
    expect(statSync(file.walPath).size).toBe(grown);
    expect(scalar(file.raw, 'SELECT count(*) FROM blob_link')).toBe(44);
    checkpoint.close();
  });
});

describe('Checkpointer', () => {
  const silent: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    child: () => silent,
  };

  it('checkpoints in its thread while the database is written, and ends when told', async () => {
    const file = await openDatabaseFile();
    const checkpointer = new Checkpointer(file.path, silent, unexpectedEnd);
    for (let at = 0; at < 20; at += 1) await pushBlob(file.ports, 'a', `blob ${at}`);
    const began = beginningsOf(file.walPath);
    while (beginningsOf(file.walPath) === began) await sleep(20);
    for (let at = 0; at < 5; at += 1) await pushBlob(file.ports, 'b', `blob ${at}`);
    expect(scalar(file.raw, 'SELECT count(*) FROM blob_link')).toBe(25);
    await checkpointer.close();
    expect(scalar(file.raw, 'PRAGMA integrity_check')).toBe('ok');
    await file.dispose();
  });

  it('ends the process when its thread can not work', async () => {
    const file = await openDatabaseFile();
    const reason = await new Promise<string>((resolve) => {
      const checkpointer = new Checkpointer(`${file.path}/no-folder/metadata.db`, silent, resolve);
      expect(checkpointer).toBeDefined();
    });
    expect(reason).toBe('the checkpointer of the metadata database failed');
    await file.dispose();
  });
});

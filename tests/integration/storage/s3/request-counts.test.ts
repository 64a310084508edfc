import { beforeEach, describe, expect, it } from 'vitest';
import type { S3Driver } from '../../../../src/infrastructure/storage/drivers/s3/s3-driver.js';
import { PieceMemory } from '../../../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';
import { MemoryObjectStore } from '../../../support/memory-object-store.js';
import { freshDriver } from '../../../support/s3-model.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const STAGED = 'uploads/one/data.1';
const BLOB = 'blobs/data';
const never = new AbortController().signal;

describe('what the driver of S3 asks its store for', () => {
  let store: MemoryObjectStore;
  let driver: S3Driver;
  beforeEach(() => {
    store = new MemoryObjectStore({ keepsContent: false });
    driver = freshDriver(store);
  });

  /** As a request with a body does: written in batches, flushed now and then and at the end. */
  async function receive(offset: number, size: number, batch = MIB): Promise<void> {
    const writer = await driver.openWriter(STAGED, offset);
    const chunk = Buffer.alloc(batch);
    for (let done = 0; done < size;) {
      const part = chunk.subarray(0, size - done);
      await writer?.write([part]);
      done += part.length;
      if (done % (32 * MIB) === 0) await writer?.flush();
    }
    await writer?.flush();
    await writer?.close();
  }

  const asked = () => Object.fromEntries(store.requests);

  it('is one piece and one copy for an upload below one part', async () => {
    await receive(0, 4 * MIB);
    expect(await driver.move(STAGED, BLOB)).toBe(true);
    expect(asked()).toEqual({ put: 1, copy: 1 });
    expect(store.sent).toBe(4 * MIB);
    expect(store.read).toBe(0);
  });

  it('is one request for a whole blob, however it is put or read', async () => {
    await driver.putDurably(BLOB, Buffer.alloc(1000));
    await driver.flushContent([BLOB]);
    await driver.makeDurable(BLOB);
    expect(asked()).toEqual({ put: 1 });
    for (const from of [undefined, 0, 400]) {
      store.resetCounts();
      const reader = await driver.openReader(BLOB, from);
      const buffer = Buffer.alloc(100);
      for (let position = from ?? 0; position < 1000; position += 100) await reader?.read(buffer, position);
      await reader?.close();
      expect(asked()).toEqual({ get: 1 });
      expect(store.read).toBe(1000 - (from ?? 0));
    }
  });

  it('is one request for each small file, and for what is not there', async () => {
    for (const ask of [
      () => driver.readContent('a/link', 100),
      () => driver.putContent('a/link', Buffer.from('x')),
      () => driver.readContent('a/link', 100),
      () => driver.stat('a/link'),
      () => driver.list('a'),
      () => driver.survey('a', 'link'),
      () => driver.newestOf(['a/link']),
      () => driver.removeWithFolder('a/link'),
    ]) {
      store.resetCounts();
      await ask();
      expect(store.total).toBe(1);
    }
  });

  it('is one list for each thousand leaves of a survey', async () => {
    for (let at = 0; at < 1500; at += 1) await driver.putContent(`a/f${at}/current/link`, Buffer.from('x'));
    store.resetCounts();
    expect((await driver.survey('a', 'current/link')).without).toEqual([]);
    expect(asked()).toEqual({ list: 2 });
  });

  it('is at most twice the bytes of 1 GB in one stream, none of which is read back', async () => {
    const size = 1000 * MIB;
    await receive(0, size);
    await driver.move(STAGED, BLOB);
    expect(store.sent).toBeLessThanOrEqual(1.1 * size);
    expect(store.read).toBe(0);
    expect(asked()).toEqual({ put: 125, createMultipart: 1, copyPart: 104, completeMultipart: 1 });
    expect((await driver.stat(BLOB))?.size).toBe(size);
  }, 60_000);

  it('is at most 3.5 times the bytes of 500 appends of 64 KiB', async () => {
    const size = 500 * 64 * KIB;
    for (let at = 0; at < 500; at += 1) await receive(at * 64 * KIB, 64 * KIB);
    await driver.move(STAGED, BLOB);
    expect(store.sent + store.read).toBeLessThanOrEqual(3.5 * size);
    expect((await driver.stat(BLOB))?.size).toBe(size);
    // What was joined is not read again, nor left behind.
    expect(store.keys('root/uploads').length).toBeLessThan(100);
  });

  it('is at most 3.5 times the bytes of 64 uploads at once', async () => {
    const size = 12 * MIB;
    const paths = Array.from({ length: 64 }, (_, at) => `uploads/${at}/data.1`);
    const chunk = Buffer.alloc(100 * KIB);
    const opened = await Promise.all(paths.map((path) => driver.openWriter(path, 0)));
    const writers = opened.filter((writer) => writer !== undefined);
    for (let done = 0; done < size; done += chunk.length) {
      await Promise.all(writers.map((writer) => writer.write([chunk.subarray(0, size - done)])));
    }
    await Promise.all(writers.map((writer) => writer.flush()));
    await Promise.all(writers.map((writer) => writer.close()));
    await Promise.all(paths.map((path, at) => driver.move(path, `blobs/${at}`)));
    expect(store.sent + store.read).toBeLessThanOrEqual(3.5 * size * paths.length);
    expect((await driver.stat('blobs/63'))?.size).toBe(size);
  }, 60_000);

  it('is a look at what is there before a file is hashed that another process has written', async () => {
    await receive(0, MIB);
    const other = freshDriver(store, {}, new PieceMemory());
    store.resetCounts();
    expect(await other.hash(STAGED, 'sha256', MIB, never)).toBeDefined();
    expect(await other.move(STAGED, BLOB)).toBe(true);
    expect(asked()).toEqual({ get: 2, list: 1, head: 1, copy: 1 });
  });

  it('asks for nothing that is known when a file is hashed where it was written', async () => {
    await receive(0, 25 * MIB);
    store.resetCounts();
    expect(await driver.hash(STAGED, 'sha256', 25 * MIB, never)).toBeDefined();
    expect(asked()).toEqual({ get: 3 });
  });
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { sizeOf } from '../../contract/storage-content.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { observedDriver, systemError } from './observed-file-system.js';
import { realDriver } from './real-driver.js';

const content = Buffer.from('x');

/** The cells that the remover shares with the test: set once it is to end, how often it removed, how often it still may. */
const [ENDED, REMOVED, LEFT] = [0, 1, 2];

/** Fewer than a writer makes its folder anew: on a slow disk each attempt may be lost, and the write has to succeed. */
const REMOVALS_PER_WRITE = 50;

/** Removes a folder whenever it is empty, as often as it may. */
const REMOVER = `
const { rmdirSync } = require('node:fs');
const { workerData: { folder, shared } } = require('node:worker_threads');
const state = new Int32Array(shared);
while (Atomics.load(state, ${ENDED}) === 0) {
  try {
    if (Atomics.load(state, ${LEFT}) > 0) {
      rmdirSync(folder);
      Atomics.add(state, ${REMOVED}, 1);
      Atomics.sub(state, ${LEFT}, 1);
    }
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY'].includes(error.code)) throw error;
  }
  Atomics.wait(state, 0, 0, Math.random() / 10);
}`;

describe('a folder that another removes whenever it is empty', () => {
  let temp: TempDir;
  let driver: FilesystemDriver;
  let remover: Worker;
  let state: Int32Array;
  beforeEach(async () => {
    temp = await makeTempDir();
    driver = realDriver(temp.path);
    const shared = new SharedArrayBuffer(12);
    state = new Int32Array(shared);
    remover = new Worker(REMOVER, { eval: true, workerData: { folder: join(temp.path, 'a/b'), shared } });
  });
  afterEach(async () => {
    Atomics.store(state, ENDED, 1);
    await remover.terminate();
    await driver.close();
    await temp.remove();
  });

  const writes: Readonly<Record<string, (at: number) => Promise<unknown>>> = {
    move: async (at) => {
      await driver.putContent(`staged/${at}`, content);
      expect(await driver.move(`staged/${at}`, 'a/b/data')).toBe(true);
    },
    putContent: () => driver.putContent('a/b/data', content),
    putDurably: () => driver.putDurably('a/b/data', content),
    openWriter: async () => {
      const writer = await driver.openWriter('a/b/data', 0);
      await writer?.write([content]);
      await writer?.close();
    },
  };

  it.each(Object.keys(writes))('keeps what is written into it by %s', async (how) => {
    for (let at = 0; at < 300 || Atomics.load(state, REMOVED) < 100; at += 1) {
      Atomics.store(state, LEFT, REMOVALS_PER_WRITE);
      await writes[how]?.(at);
      expect(await sizeOf(driver, 'a/b/data')).toBe(1);
      await driver.remove('a/b/data');
    }
  });
});

describe('a placement', () => {
  let under: Awaited<ReturnType<typeof observedDriver>>;
  beforeEach(async () => {
    under = await observedDriver();
  });
  afterEach(() => under.dispose());

  it('to another file system makes its folder again as well', async () => {
    const { driver, fs, root } = under;
    await driver.putContent('staged/f', content);
    let removals = 0;
    fs.before = async ({ name, path }) => {
      if (name === 'rename' && path === join(root, 'staged/f')) throw systemError('EXDEV');
      if (name !== 'open' || !path.endsWith('.tmp') || removals === 3) return;
      removals += 1;
      await fs.rmdir(join(root, 'a/b'));
    };
    expect(await driver.move('staged/f', 'a/b/f')).toBe(true);
    expect([removals, await sizeOf(driver, 'a/b/f')]).toEqual([3, 1]);
  });

  it('is a fault, and no missing file, where its folder can not be made', async () => {
    const driver = realDriver(under.root);
    await driver.putContent('staged', content);
    await driver.putContent('file', content);
    await expect(driver.move('staged', 'file/below/data')).rejects.toMatchObject({ name: 'StorageFault' });
    expect(await sizeOf(driver, 'staged')).toBe(1);
    await driver.close();
  });

  it('of which the bytes are gone is a fault when they were its own', async () => {
    const { driver, fs, root } = under;
    fs.before = async ({ name, path }) => {
      if (name === 'rename' && path.includes('/incoming/')) await fs.unlink(path);
    };
    await expect(driver.putDurably('a/f', content)).rejects.toMatchObject({ name: 'StorageFault' });
    expect(readdirSync(join(root, 'a'))).toEqual([]);
  });
});

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { observedDriver, systemError } from './observed-file-system.js';
import { sizeOf, namesIn } from '../../contract/storage-content.js';

const content = Buffer.alloc(2.5 * 1024 * 1024, 'stowage');

describe('a move to another file system', () => {
  let under: Awaited<ReturnType<typeof observedDriver>>;

  beforeEach(async () => {
    under = await observedDriver();
    await under.driver.putContent('staged/f', content);
    under.fs.before = ({ name, path }) => {
      if (name === 'rename' && path.includes('/staged/')) throw systemError('EXDEV');
    };
    under.fs.calls.length = 0;
  });
  afterEach(() => under.dispose());

  it('copies, syncs the copy, puts it in place in one step and removes the old file', async () => {
    await under.driver.putContent('b/f', Buffer.from('old'));
    expect(await under.driver.move('staged/f', 'b/f')).toBe(true);
    expect(readdirSync(join(under.root, 'b'))).toEqual(['f']);
    expect(statSync(join(under.root, 'b/f')).size).toBe(content.length);
    expect(await namesIn(under.driver, 'staged')).toEqual([]);
    expect(under.fs.openPaths.filter((path) => path.endsWith('/f') || path.endsWith('.tmp'))).toEqual([]);
    const order = under.fs.calls.filter(({ path }) => path.includes('.tmp')).map(({ name }) => name);
    expect(order.slice(-3)).toEqual(['fdatasync', 'close', 'rename']);
    expect(order.slice(0, 2)).toEqual(['open', 'writev']);
  });

  it('leaves the target and the staged file as they were when the copy fails', async () => {
    await under.driver.putContent('b/f', Buffer.from('old'));
    const across = under.fs.before;
    under.fs.before = (call) => {
      if (call.name === 'fdatasync') throw systemError('ENOSPC');
      return across(call);
    };
    await expect(under.driver.move('staged/f', 'b/f')).rejects.toMatchObject({ kind: 'full' });
    expect(await namesIn(under.driver, 'b')).toEqual(['f']);
    expect(await sizeOf(under.driver, 'b/f')).toBe(3);
    expect(await sizeOf(under.driver, 'staged/f')).toBe(content.length);
    expect(under.fs.openPaths).toEqual([]);
  });
});

const shm = '/dev/shm';
const twoDevices = existsSync(shm) && statSync(shm).dev !== statSync(tmpdir()).dev;

describe.skipIf(!twoDevices)('a move between two real file systems (needs /dev/shm)', () => {
  it('arrives whole', async () => {
    const { driver, root, dispose } = await observedDriver();
    const other = mkdtempSync(join(shm, 'stowage-storage-'));
    try {
      mkdirSync(root, { recursive: true });
      symlinkSync(other, join(root, 'staged'));
      await driver.putContent('staged/f', content);
      expect(existsSync(join(other, 'f'))).toBe(true);
      expect(await driver.move('staged/f', 'b/c/f')).toBe(true);
      expect(statSync(join(root, 'b/c/f')).size).toBe(content.length);
      expect(readdirSync(dirname(join(root, 'b/c/f')))).toEqual(['f']);
      expect(readdirSync(other)).toEqual([]);
    } finally {
      rmSync(other, { recursive: true });
      await dispose();
    }
  });
});

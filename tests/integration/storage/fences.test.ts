import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import { LayoutBlobRemoval } from '../../../src/infrastructure/storage/layout/layout-blob-removal.js';
import { observedDriver, systemError, type Call } from './observed-file-system.js';
import { realDriver } from './real-driver.js';

const content = Buffer.from('the bytes of a layer');
const digest = Digest.of('sha256', content);
const folder = `docker/registry/v2/blobs/sha256/${digest.hex.slice(0, 2)}/${digest.hex}`;
const token = Buffer.alloc(16, 0xab);
const fence = `stowage/gc/${'ab'.repeat(16)}`;

describe('a removal on a file system', () => {
  let under: Awaited<ReturnType<typeof observedDriver>>;
  let removal: LayoutBlobRemoval;
  beforeEach(async () => {
    under = await observedDriver();
    removal = new LayoutBlobRemoval(under.driver);
    await under.driver.putContent(`${folder}/data`, content);
    await removal.openFence(token);
  });
  afterEach(() => under.dispose());

  const at = (path: string) => join(under.root, path);
  const names = (path: string) => readdirSync(at(path));
  /** Lets a call fail, the first `times` times. */
  function fail(code: string, is: (call: Call) => boolean, times = Infinity): void {
    let left = times;
    under.fs.before = (call) => {
      if (!is(call) || left === 0) return;
      left -= 1;
      throw systemError(code);
    };
  }
  const takes = ({ name, path }: Call) => name === 'rename' && path === at(`${folder}/data`);

  it.each([
    ['EROFS', 'read-only'],
    ['EXDEV', 'denied'],
    ['EIO', 'broken'],
  ])('begins with a fault when its fence is refused with %s, and leaves no fence', async (code, kind) => {
    await removal.breakFence(token);
    fail(code, ({ name }) => name === 'rename');
    await expect(removal.openFence(token)).rejects.toMatchObject({ name: 'StorageFault', kind });
    expect(names('stowage/gc')).toEqual([]);
  });

  it('keeps what it takes in the folder of its claim until the fence is broken', async () => {
    await removal.remove(digest, token);
    expect(names(fence)).toEqual([`sha256-${digest.hex}`]);
    expect(statSync(at(`${fence}/sha256-${digest.hex}`)).size).toBe(content.length);
    await removal.breakFence(token);
    expect(names('stowage/gc')).toEqual([]);
  });

  it.each([
    ['EACCES', 'denied'],
    ['EPERM', 'denied'],
    ['EROFS', 'read-only'],
    ['EBUSY', 'broken'],
    ['EIO', 'broken'],
  ])('that the system refuses with %s is a fault, and the bytes stay', async (code, kind) => {
    fail(code, takes);
    await expect(removal.remove(digest, token)).rejects.toMatchObject({ name: 'StorageFault', kind });
    expect([names(folder), names(fence)]).toEqual([['data'], []]);
    under.fs.before = () => {};
    expect(await removal.remove(digest, token)).toBe('gone');
  });

  it('to another file system is a fault that says what is wrong, and the bytes stay', async () => {
    fail('EXDEV', takes);
    await expect(removal.remove(digest, token)).rejects.toMatchObject({
      name: 'StorageFault',
      kind: 'denied',
      message: expect.stringMatching(
        /the blobs lie on another file system than the folder stowage/,
      ) as string,
    });
    expect([names(folder), names(fence)]).toEqual([['data'], []]);
  });

  it.each(['EACCES', 'EBUSY', 'EROFS', 'ENOTEMPTY', 'EEXIST', 'ENOENT'])(
    'is done although the folder can not be removed for %s',
    async (code) => {
      fail(code, ({ name, path }) => name === 'rmdir' && path === at(folder));
      expect(await removal.remove(digest, token)).toBe('gone');
      expect(names(folder)).toEqual([]);
    },
  );

  it('finds gone what is in no tree, and makes none', async () => {
    rmSync(at('docker'), { recursive: true });
    expect(await removal.remove(digest, token)).toBe('gone');
    expect(existsSync(at('docker'))).toBe(false);
  });

  it('is fenced when the whole root is gone, as that of a disk that is not mounted', async () => {
    rmSync(under.root, { recursive: true });
    expect(await removal.remove(digest, token)).toBe('fenced');
    expect(existsSync(under.root)).toBe(false);
  });

  it('finds gone what is a folder instead of a file, and frees it', async () => {
    await under.driver.remove(`${folder}/data`);
    await under.driver.putContent(`${folder}/data/of/damage`, content);
    expect(await removal.remove(digest, token)).toBe('gone');
    await removal.breakFence(token);
    expect(names('stowage/gc')).toEqual([]);
  });

  describe('whose fence is being broken', () => {
    it('is waited out: what it still takes is freed as well', async () => {
      let takings = 0;
      under.fs.before = async ({ name, path }) => {
        if (name !== 'rmdir' || path !== at(fence) || takings === 50) return;
        takings += 1;
        await under.driver.putContent(`${fence}/sha256-${takings}`, content);
      };
      await removal.breakFence(token);
      expect([takings, names('stowage/gc')]).toEqual([50, []]);
    });

    it.each([
      ['EBUSY', 'unlink', 'broken'],
      ['EACCES', 'unlink', 'denied'],
      ['EACCES', 'rmdir', 'denied'],
      ['EIO', 'readdir', 'broken'],
    ])('stays possible when that fails with %s of %s; it may be broken again', async (code, call, kind) => {
      await removal.remove(digest, token);
      fail(code, ({ name }) => name === call, 1);
      await expect(removal.breakFence(token)).rejects.toMatchObject({ name: 'StorageFault', kind });
      expect(names('stowage/gc')).toEqual(['ab'.repeat(16)]);
      await removal.breakFence(token);
      expect(names('stowage/gc')).toEqual([]);
    });

    it.each(['readdir', 'rmdir'])(
      'is looked at again when the network file system forgets it in %s',
      async (call) => {
        await removal.remove(digest, token);
        fail('ESTALE', ({ name, path }) => name === call && path === at(fence), 1);
        await removal.breakFence(token);
        expect(names('stowage/gc')).toEqual([]);
      },
    );
  });
});

describe('a removal in the thread for files', () => {
  it('tells what is absent from what is fenced by the folder of the claim', async () => {
    const root = mkdtempSync(join(tmpdir(), 'stowage-fences-'));
    const driver = realDriver(root);
    await driver.openFence('stowage/gc/one', 'docker');
    expect(await driver.removeThroughFence('docker/a', 'stowage/gc/one/a')).toBe('gone');
    await driver.putContent('docker/file', content);
    expect(await driver.removeThroughFence('docker/file/below', 'stowage/gc/one/a')).toBe('gone');
    await driver.breakFence('stowage/gc/one');
    expect(await driver.removeThroughFence('docker/a', 'stowage/gc/one/a')).toBe('fenced');
    expect(await driver.removeThroughFence('docker/file', 'stowage/gc/one/a')).toBe('fenced');
    expect(readdirSync(join(root, 'docker'))).toEqual(['file']);
    await driver.close();
    rmSync(root, { recursive: true });
  });
});

const shm = '/dev/shm';
const twoDevices = existsSync(shm) && statSync(shm).dev !== statSync(tmpdir()).dev;

describe.skipIf(!twoDevices)('blobs on another file system than stowage/ (needs /dev/shm)', () => {
  it.each(['docker', 'docker/registry/v2/blobs'])('behind %s: no fence is opened', async (elsewhere) => {
    const root = mkdtempSync(join(tmpdir(), 'stowage-fences-'));
    const other = mkdtempSync(join(shm, 'stowage-fences-'));
    const driver = realDriver(root);
    const removal = new LayoutBlobRemoval(driver);
    try {
      mkdirSync(join(root, elsewhere, '..'), { recursive: true });
      symlinkSync(other, join(root, elsewhere));
      await expect(removal.openFence(token)).rejects.toMatchObject({
        name: 'StorageFault',
        message: expect.stringMatching(/another file system/) as string,
      });
      expect(readdirSync(join(root, 'stowage/gc'))).toEqual([]);
      await driver.putContent(`${folder}/data`, content);
      mkdirSync(join(root, fence));
      await expect(removal.remove(digest, token)).rejects.toThrow(/another file system/);
      expect((await driver.stat(`${folder}/data`))?.size).toBe(content.length);
    } finally {
      await driver.close();
      for (const each of [root, other]) rmSync(each, { recursive: true });
    }
  });
});

const mountPoint = mkdtempSync(join(tmpdir(), 'stowage-mount-'));
function mounted(): boolean {
  try {
    execFileSync('mount', ['--bind', mountPoint, mountPoint], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}
const canMount = mounted();
afterAll(() => {
  if (canMount) execFileSync('umount', [mountPoint]);
  rmSync(mountPoint, { recursive: true });
});

describe.skipIf(!canMount)(
  'blobs on another mount of the same file system (needs the right to mount)',
  () => {
    it('are told before a fence is opened', async () => {
      const root = mkdtempSync(join(tmpdir(), 'stowage-fences-'));
      const driver = realDriver(root);
      symlinkSync(mountPoint, join(root, 'docker'));
      await driver.putContent(`${folder}/data`, content);
      expect(statSync(join(root, folder)).dev).toBe(statSync(join(root, 'stowage')).dev);
      await expect(new LayoutBlobRemoval(driver).openFence(token)).rejects.toThrow(/another file system/);
      expect(readdirSync(join(root, 'stowage/gc'))).toEqual([]);
      await driver.close();
      rmSync(root, { recursive: true });
    });
  },
);

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import { FileThread } from '../../../src/infrastructure/storage/drivers/filesystem/file-thread.js';
import { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { HashThread } from '../../../src/infrastructure/storage/drivers/filesystem/hash-thread.js';
import { NodeFileSystem } from '../../../src/infrastructure/storage/drivers/filesystem/node-file-system.js';
import { AtMost } from '../../../src/application/services/at-most.js';
import { sizeOf } from '../../contract/storage-content.js';

const folder = mkdtempSync(join(tmpdir(), 'stowage-full-'));

function mounted(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}
const small = mounted();

afterAll(() => {
  if (small) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
});

describe.skipIf(!small)('a disk of 1 MiB (needs the right to mount)', () => {
  const driver = new FilesystemDriver(
    join(folder, 'root'),
    new NodeFileSystem(new AtMost(4), new FileThread()),
    new HashThread(),
  );
  const content = Buffer.from('there before');
  const mebibyte = Buffer.alloc(1024 * 1024);
  const never = new AbortController().signal;

  beforeAll(async () => {
    await driver.putContent('kept', content);
  });
  afterAll(() => driver.close());

  it('is full: the write is a fault, what was there stays, and it works again when there is space', async () => {
    const writer = await driver.openWriter('big', 0);
    await expect(writer?.write([mebibyte, mebibyte])).rejects.toMatchObject({ kind: 'full' });
    await expect(writer?.flush()).rejects.toMatchObject({ kind: 'full' });
    await writer?.close();
    await expect(driver.putContent('small', mebibyte.subarray(0, 8192))).rejects.toMatchObject({
      kind: 'full',
    });
    expect(await sizeOf(driver, 'small')).toBeUndefined();
    const digest = await driver.hash('kept', 'sha256', content.length, never);
    expect(String(digest)).toBe(String(Digest.of('sha256', content)));

    await driver.remove('big');
    await driver.putContent('small', mebibyte.subarray(0, 8192));
    expect(await driver.move('small', 'a/b/c')).toBe(true);
    expect(await sizeOf(driver, 'a/b/c')).toBe(8192);
  });

  it('is read-only: writing is a fault, reading goes on', async () => {
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    try {
      await expect(driver.putContent('more', content)).rejects.toMatchObject({ kind: 'read-only' });
      await expect(driver.openWriter('more', 0)).rejects.toMatchObject({ kind: 'read-only' });
      await expect(driver.move('kept', 'other')).rejects.toMatchObject({ kind: 'read-only' });
      await driver.probe();
      const reader = await driver.openReader('kept');
      expect(reader?.size).toBe(content.length);
      await reader?.close();
    } finally {
      execFileSync('mount', ['-o', 'remount,rw', folder]);
    }
    expect(await driver.move('kept', 'other')).toBe(true);
  });
});

import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageReader } from '../../../src/application/ports/storage/storage-driver.js';
import { observedDriver } from './observed-file-system.js';

async function text(reader: StorageReader | undefined): Promise<string> {
  const buffer = Buffer.alloc(reader?.size ?? 0);
  await reader?.read(buffer, 0);
  return buffer.toString();
}
const closeAll = (readers: readonly (StorageReader | undefined)[]) =>
  Promise.all(readers.map(async (reader) => reader?.close()));

describe('readers of the filesystem driver', () => {
  let under: Awaited<ReturnType<typeof observedDriver>>;

  beforeEach(async () => {
    under = await observedDriver();
    await under.driver.putContent('a/f', Buffer.from('content'));
  });
  afterEach(() => under.dispose());

  const openMany = (count: number) =>
    Promise.all(Array.from({ length: count }, () => under.driver.openReader('a/f')));

  it('share one descriptor per path, which the last of them closes', async () => {
    const first = await openMany(50);
    const second = await openMany(50);
    expect(under.fs.openPaths).toEqual([join(under.root, 'a/f')]);
    expect(new Set(await Promise.all([...first, ...second].map(text)))).toEqual(new Set(['content']));
    await closeAll(first);
    expect(under.fs.openPaths).toHaveLength(1);
    await closeAll(second);
    expect(under.fs.openPaths).toEqual([]);
  });

  it('find the file that another process has put in its place', async () => {
    const old = await under.driver.openReader('a/f');
    await writeFile(join(under.folder, 'new'), 'healed content');
    await rename(join(under.folder, 'new'), join(under.root, 'a/f'));
    const fresh = await under.driver.openReader('a/f');
    expect([await text(old), await text(fresh)]).toEqual(['content', 'healed content']);
    await closeAll([old, fresh]);
    expect(under.fs.openPaths).toEqual([]);
  });

  it('leave nothing open of a path that is missing, a folder, or was opened while it was removed', async () => {
    await Promise.all([under.driver.openReader('a/none'), under.driver.openReader('a/none')]);
    await under.driver.openReader('a');
    const [reader] = await Promise.all([under.driver.openReader('a/f'), under.driver.remove('a/f')]);
    await reader?.close();
    expect(under.fs.openPaths).toEqual([]);
  });
});

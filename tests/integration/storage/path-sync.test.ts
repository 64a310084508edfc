import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileSystem } from '../../../src/infrastructure/storage/drivers/filesystem/file-system.js';
import { FileThread } from '../../../src/infrastructure/storage/drivers/filesystem/file-thread.js';
import { NodeFileSystem } from '../../../src/infrastructure/storage/drivers/filesystem/node-file-system.js';
import { PathSync } from '../../../src/infrastructure/storage/drivers/filesystem/path-sync.js';
import { AtMost } from '../../../src/application/services/at-most.js';

describe('syncing many paths', () => {
  let folder: string;
  let synced: string[];
  const files = (count: number) => Array.from({ length: count }, (_, at) => join(folder, `file ${at}`));
  let threads: FileThread;
  let opened: string[];
  const over = (fs: FileSystem) => ({
    open: (path: string, flags: number) => {
      opened.push(path);
      return fs.open(path, flags);
    },
    fsync: (descriptor: number) => fs.fsync(descriptor),
    close: (descriptor: number) => fs.close(descriptor),
    samples: (paths: readonly string[]) => threads.run({ kind: 'samples', paths }),
  });
  const real = () => over(new NodeFileSystem(new AtMost(4), threads));
  const syncing = (answer: boolean) =>
    new PathSync(real(), async (paths) => {
      synced.push(...paths);
      return answer;
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stowage-sync-'));
    for (const path of files(300)) writeFileSync(path, '');
    synced = [];
    opened = [];
    threads = new FileThread();
  });
  afterEach(async () => {
    await threads.close();
    rmSync(folder, { recursive: true });
  });

  it('syncs a few one by one', async () => {
    const paths = syncing(true);
    expect(await paths.syncAtOnce(files(10))).toBe(false);
    await paths.syncEach(files(10));
    expect(synced).toEqual([]);
    expect(opened.toSorted()).toEqual(files(10).toSorted());
  });

  it('syncs the file system of many, once', async () => {
    expect(await syncing(true).syncAtOnce(files(300))).toBe(true);
    expect(synced).toEqual([join(folder, 'file 0')]);
    expect(opened).toEqual([]);
  });

  it('finds the file system by the first folder that is there', async () => {
    await syncing(true).syncAtOnce(files(300).map((path) => `${path}.gone/deeper`));
    expect(synced).toEqual([folder]);
  });

  it('syncs each file system that some of them lie on', async () => {
    await syncing(true).syncAtOnce([...files(300), '/proc/version']);
    expect(synced).toEqual([join(folder, 'file 0'), '/proc/version']);
  });

  it('syncs one by one for good where a file system can not be synced', async () => {
    const paths = syncing(false);
    for (let flush = 0; flush < 2; flush += 1) {
      expect(await paths.syncAtOnce(files(300))).toBe(false);
      await paths.syncEach(files(300));
    }
    expect(synced).toHaveLength(1);
    expect(opened).toHaveLength(600);
  });

  it('tells which path could not be synced', async () => {
    const failing = new PathSync({
      ...real(),
      fsync: async () => {
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      },
    });
    await expect(failing.syncEach(files(1))).rejects.toMatchObject({ code: 'EIO', path: files(1)[0] });
  });

  it('really can do it on this machine', async () => {
    expect(await new PathSync(real()).syncAtOnce(files(300))).toBe(true);
    expect(opened).toEqual([]);
  });
});

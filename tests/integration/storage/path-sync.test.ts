import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PathSync } from '../../../src/infrastructure/storage/drivers/filesystem/path-sync.js';

describe('syncing many paths', () => {
  let folder: string;
  let synced: string[];
  const files = (count: number) => Array.from({ length: count }, (_, at) => join(folder, `file ${at}`));
  const syncing = (answer: boolean) =>
    new PathSync((path) => {
      synced.push(path);
      return answer;
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stowage-sync-'));
    for (const path of files(300)) writeFileSync(path, '');
    synced = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('syncs a few one by one', () => {
    syncing(true).sync(files(10));
    expect(synced).toEqual([]);
  });

  it('syncs the file system of many, once', () => {
    syncing(true).sync(files(300));
    expect(synced).toEqual([join(folder, 'file 0')]);
  });

  it('finds the file system by the first folder that is there', () => {
    syncing(true).sync(files(300).map((path) => `${path}.gone/deeper`));
    expect(synced).toEqual([folder]);
  });

  it('syncs one by one what lies on another file system', () => {
    const failing = () => syncing(true).sync([...files(300), '/proc/sys/vm/compact_memory']);
    // It is in the listing of another file system, and may not be opened: that it fails tells that it was tried.
    expect(failing).toThrow(expect.objectContaining({ path: '/proc/sys/vm/compact_memory' }));
    expect(synced).toHaveLength(1);
  });

  it('syncs one by one for good where a file system can not be synced', () => {
    const paths = syncing(false);
    paths.sync(files(300));
    paths.sync(files(300));
    expect(synced).toHaveLength(1);
  });

  it('really can do it on this machine', () => {
    expect(() => new PathSync().sync(files(300))).not.toThrow();
  });
});

import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { realDriver } from './real-driver.js';

describe('small files that are put together', () => {
  let temp: TempDir;
  let driver: FilesystemDriver;

  beforeEach(async () => {
    temp = await makeTempDir();
    driver = realDriver(temp.path);
  });
  afterEach(async () => {
    await driver.close();
    await temp.remove();
  });

  it('end with the first that can not be written, and leave nothing half', async () => {
    await writeFile(`${temp.path}/file`, '');
    const paths = ['before', 'file/below', 'behind'];
    const putting = driver.putContents(paths.map((path) => ({ path, content: Buffer.from(path) })));
    await expect(putting).rejects.toMatchObject({
      name: 'StorageFault',
      message: expect.stringContaining('before and file/below and behind') as string,
    });
    expect(Buffer.from((await driver.readContent('before', 100)) ?? '').toString()).toBe('before');
    expect(await driver.stat('behind')).toBeUndefined();
    expect(await driver.list('stowage/incoming')).toEqual([]);
  });
});

import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { observedDriver } from './observed-file-system.js';
import { namesIn } from '../../contract/storage-content.js';

describe('a removal by the filesystem driver', () => {
  let under: Awaited<ReturnType<typeof observedDriver>>;

  beforeEach(async () => {
    under = await observedDriver();
    await under.driver.putContent('a/b/c', Buffer.from('x'));
  });
  afterEach(() => under.dispose());

  it('takes what another writer puts into the folder meanwhile', async () => {
    let late = 3;
    under.fs.before = async ({ name, path }) => {
      if (name === 'rmdir' && path.endsWith('/b') && late-- > 0)
        await writeFile(join(path, `late${late}`), '');
    };
    await under.driver.remove('a');
    expect(await namesIn(under.driver, 'a')).toEqual([]);
    expect(await readdir(under.root)).toEqual(['stowage']);
  });

  it('gives up when the folder never gets empty', async () => {
    under.fs.before = async ({ name, path }) => {
      if (name === 'rmdir' && path.endsWith('/b')) await writeFile(join(path, 'again'), '');
    };
    await expect(under.driver.remove('a')).rejects.toMatchObject({ kind: 'broken' });
    under.fs.before = () => {};
  });

  it('goes on when another has removed a file or the folder first', async () => {
    under.fs.before = async ({ name, path }) => {
      under.fs.before = () => {};
      if (name === 'rmdir') await under.driver.remove(path.slice(under.root.length + 1));
    };
    await under.driver.remove('a');
    expect(await readdir(under.root)).toEqual(['stowage']);
  });

  it('removes a link and leaves what it points at', async () => {
    const elsewhere = join(under.folder, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'kept'), '');
    await symlink(elsewhere, join(under.root, 'a/b/link'));
    await symlink(elsewhere, join(under.root, 'link'));
    await under.driver.remove('a');
    await under.driver.remove('link');
    expect(await readdir(under.root)).toEqual(['stowage']);
    expect(await readdir(elsewhere)).toEqual(['kept']);
  });
});

describe('what a killed process has left half-written', () => {
  it('is removed by the filesystem driver once it is old', async () => {
    const under = await observedDriver();
    const folder = join(under.root, 'stowage', 'incoming');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'left'), 'half');
    await under.driver.removeLeftovers(Date.now() - 60_000);
    expect(await readdir(folder)).toEqual(['left']);
    await under.driver.removeLeftovers(Date.now() + 60_000);
    expect(await readdir(folder)).toEqual([]);
    await under.dispose();
  });
});

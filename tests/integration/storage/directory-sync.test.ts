import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectorySync } from '../../../src/infrastructure/storage/drivers/filesystem/directory-sync.js';
import type { FileSystem } from '../../../src/infrastructure/storage/drivers/filesystem/file-system.js';
import { gate } from './gate.js';
import { observedDriver, systemError } from './observed-file-system.js';

describe('directory syncs of the filesystem driver', () => {
  let under: Awaited<ReturnType<typeof observedDriver>>;

  beforeEach(async () => {
    under = await observedDriver();
    for (let index = 0; index < 20; index += 1) await under.driver.putContent(`s/${index}`, Buffer.from('x'));
    under.fs.calls.length = 0;
  });
  afterEach(() => under.dispose());

  const at = (path: string) => join(under.root, path);
  const synced = () => under.fs.calls.filter((call) => call.name === 'fsync').map((call) => call.path);
  const place = (index: number) => under.driver.move(`s/${index}`, `b/xx/${index}/data`);

  it('go up to the first directory that this process has itself synced, and at first to the top', async () => {
    await place(0);
    const top = synced();
    expect(top).toEqual(expect.arrayContaining([at('b/xx/0'), at('b/xx'), at('b'), under.root, '/']));
    under.fs.calls.length = 0;
    await place(1);
    expect(synced().toSorted()).toEqual([at('b/xx'), at('b/xx/1')]);
  });

  it('are made again for directories beyond those that are remembered, and not for those kept open', async () => {
    const links = Array.from({ length: 60 }, (_, index) => `t/${index}/current/link`);
    for (const link of links) await under.driver.putContent(link, Buffer.from('x'));
    await place(0);
    const sync = new DirectorySync(under.fs, under.root, 50);
    await sync.publish(at('b/xx/0'));
    await sync.publishFiles(links.map(at));
    under.fs.calls.length = 0;
    await sync.publish(at('b/xx/0'));
    expect(synced().toSorted()).toEqual([at('b/xx'), at('b/xx/0')]);
    under.fs.calls.length = 0;
    await sync.publish(at('t/0/current'));
    expect(synced().toSorted()).toEqual([under.root, at('t'), at('t/0'), at('t/0/current')]);
    sync.close();
  });

  it('are made although the directories are there: another process may have left them unsynced', async () => {
    await under.driver.putContent('b/xx/0/other', Buffer.from('x'));
    under.fs.calls.length = 0;
    await place(0);
    expect(synced()).toEqual(expect.arrayContaining([at('b/xx/0'), at('b/xx'), at('b')]));
  });

  it('come after the rename', async () => {
    await place(0);
    const order = under.fs.calls.map((call) => call.name);
    expect(order.indexOf('rename')).toBeGreaterThan(-1);
    expect(order.indexOf('fsync')).toBeGreaterThan(order.indexOf('rename'));
  });

  it('of one directory are shared: one runs, one is queued', async () => {
    await place(0);
    under.fs.calls.length = 0;
    const { passed, open } = gate();
    under.fs.before = ({ name, path }) => (name === 'fsync' && path === at('b/xx') ? passed : undefined);
    const placing = Promise.all(Array.from({ length: 18 }, (_, index) => place(index + 1)));
    while (under.fs.calls.filter((call) => call.name === 'fsync' && call.path !== at('b/xx')).length < 18) {
      await new Promise(setImmediate);
    }
    open();
    await placing;
    expect(under.fs.count('fsync', at('b/xx'))).toBe(2);
  });

  it('are made again for a directory that was removed meanwhile', async () => {
    await place(0);
    await under.driver.remove('b');
    under.fs.calls.length = 0;
    await place(1);
    expect(synced()).toEqual(expect.arrayContaining([at('b/xx'), at('b'), under.root]));
  });

  it('are made again for a blob that was removed, and for the folder that its removal took', async () => {
    await under.driver.move('s/0', 'b/xx/0/deeper/data');
    await under.driver.remove('b/xx/0/deeper');
    await under.driver.putContent('b/xx/0/data', Buffer.from('x'));
    await under.driver.openFence('gc/one', 'b');
    expect(await under.driver.removeThroughFence('b/xx/0/data', 'gc/one/0')).toBe('gone');
    under.fs.calls.length = 0;
    await under.driver.move('s/1', 'b/xx/0/deeper/data');
    expect(synced()).toEqual(expect.arrayContaining([at('b/xx/0/deeper'), at('b/xx/0'), at('b/xx')]));
  });

  it('that failed are not repeated: whoever needs that directory is refused from then on', async () => {
    await place(0);
    under.fs.calls.length = 0;
    under.fs.before = ({ name, path }) => {
      if (name === 'fsync' && path === at('b/xx')) throw systemError('EIO');
    };
    await expect(place(1)).rejects.toMatchObject({ kind: 'broken' });
    under.fs.before = () => {};
    await expect(place(2)).rejects.toMatchObject({ kind: 'broken' });
    expect(under.fs.count('fsync', at('b/xx'))).toBe(1);
    expect(await under.driver.move('s/3', 'b/yy/3/data')).toBe(true);
  });

  it.each(['of a placed blob', 'of a flush'])(
    'that failed %s are not believed afterwards, whoever syncs that directory again',
    async (which) => {
      await under.driver.putContent('b/xx/1/data', Buffer.from('x'));
      const flush = () => under.driver.flushContent(['b/xx/1/data']);
      under.fs.before = ({ name, path }) => {
        if (name === 'fsync' && path === at('b/xx')) throw Object.assign(systemError('EIO'), { path });
      };
      await expect(which === 'of a flush' ? flush() : place(2)).rejects.toMatchObject({ kind: 'broken' });
      under.fs.before = () => {};
      await expect(flush()).rejects.toMatchObject({ kind: 'broken' });
      await expect(place(3)).rejects.toMatchObject({ kind: 'broken' });
    },
  );

  it.each([
    ['the same directory', false],
    ['the whole file system', true],
  ])(
    'that fail while a flush syncs %s refuse the flush, whatever its own sync says',
    async (_what, atOnce) => {
      await under.driver.putContent('b/xx/1/data', Buffer.from('x'));
      under.fs.before = ({ name, path }) => {
        if (name !== 'fsync' || path !== at('b/xx')) return;
        under.fs.before = () => {};
        throw systemError('EIO');
      };
      const meanwhile = () => Promise.allSettled([sync.publish(at('b/xx/2'))]);
      const fs = Object.assign(Object.create(under.fs) as FileSystem, {
        open: under.fs.open.bind(under.fs),
        fsync: under.fs.fsync.bind(under.fs),
        close: under.fs.close.bind(under.fs),
        syncAtOnce: async () => atOnce && (await meanwhile()).length > 0,
        syncEach: async () => void (await meanwhile()),
      });
      const sync = new DirectorySync(fs, under.root);
      await under.driver.putContent('b/xx/2/data', Buffer.from('x'));
      await expect(sync.publishFiles([at('b/xx/1/data')])).rejects.toMatchObject({ code: 'EIO' });
      sync.close();
    },
  );

  it('that a flush could not begin, for want of a descriptor, are tried again', async () => {
    await under.driver.putContent('b/xx/1/data', Buffer.from('x'));
    under.fs.before = ({ name, path }) => {
      if (name === 'open' && path === at('b/xx')) throw Object.assign(systemError('EMFILE'), { path });
    };
    await expect(under.driver.flushContent(['b/xx/1/data'])).rejects.toMatchObject({
      kind: 'too-many-open-files',
    });
    under.fs.before = () => {};
    await under.driver.flushContent(['b/xx/1/data']);
    expect(await place(2)).toBe(true);
  });

  it('that could not begin, for want of a descriptor, are tried again', async () => {
    under.fs.before = ({ name, path }) => {
      if (name === 'open' && path === at('b/xx')) throw systemError('EMFILE');
    };
    await expect(place(1)).rejects.toMatchObject({ kind: 'too-many-open-files' });
    under.fs.before = () => {};
    expect(await place(2)).toBe(true);
  });

  it('keep the descriptors of directories that are synced again and again, never those of single blobs', async () => {
    await place(0);
    await place(1);
    expect(under.fs.openPaths).toContain(at('b/xx'));
    expect(under.fs.openPaths.filter((path) => path.startsWith(at('b/xx/')))).toEqual([]);
    expect(under.fs.count('open', at('b/xx'))).toBe(1);
    await under.driver.close();
    expect(under.fs.openPaths).toEqual([]);
  });

  it('ask nothing of directories above the root that may not be read', async () => {
    under.fs.before = ({ name, path }) => {
      if (name === 'open' && path === dirname(under.root)) throw systemError('EACCES');
    };
    expect(await place(0)).toBe(true);
    under.fs.before = ({ name, path }) => {
      if (name === 'open' && path === at('b/yy')) throw systemError('EACCES');
    };
    await expect(under.driver.move('s/1', 'b/yy/1/data')).rejects.toMatchObject({ kind: 'denied' });
  });

  it('are not asked of a file system that knows none', async () => {
    under.fs.before = ({ name }) => {
      if (name === 'fsync') throw systemError('EINVAL');
    };
    expect(await place(0)).toBe(true);
  });

  it('finish a placement that another process has begun', async () => {
    await under.driver.putContent('b/xx/9/data', Buffer.from('x'));
    under.fs.calls.length = 0;
    await under.driver.makeDurable('b/xx/9/data');
    expect(synced()).toEqual(expect.arrayContaining([at('b/xx/9'), at('b/xx'), at('b')]));
  });
});

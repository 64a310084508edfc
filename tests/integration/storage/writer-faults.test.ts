import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageWriter } from '../../../src/application/ports/storage/storage-driver.js';
import type { StorageFaultKind } from '../../../src/application/ports/storage/storage-fault.js';
import { gate } from './gate.js';
import { observedDriver, systemError } from './observed-file-system.js';
import { sizeOf, namesIn } from '../../contract/storage-content.js';

describe('a writer of the filesystem driver', () => {
  let under: Awaited<ReturnType<typeof observedDriver>>;
  let writer: StorageWriter;

  beforeEach(async () => {
    under = await observedDriver();
    const opened = await under.driver.openWriter('a/f', 0);
    if (opened === undefined) throw new Error('no writer');
    writer = opened;
  });
  afterEach(() => under.dispose());

  function failOnce(call: string, code: string): void {
    let failed = false;
    under.fs.before = ({ name }) => {
      if (name !== call || failed) return;
      failed = true;
      throw systemError(code);
    };
  }

  it('writes on until the system has taken every byte', async () => {
    under.fs.take = (length) => Math.ceil(length / 2);
    await writer.write([Buffer.from('abc'), Buffer.from('defgh'), Buffer.from('i')]);
    await writer.write([Buffer.from('jkl')]);
    await writer.close();
    const reader = await under.driver.openReader('a/f');
    const buffer = Buffer.alloc(20);
    expect(await reader?.read(buffer, 0)).toBe(12);
    expect(buffer.toString('utf8', 0, 12)).toBe('abcdefghijkl');
    await reader?.close();
  });

  it('fails when the system takes no byte at all', async () => {
    under.fs.take = () => 0;
    await expect(writer.write([Buffer.from('abc')])).rejects.toMatchObject({ kind: 'broken' });
    await writer.close();
  });

  it('flushes through the descriptor that wrote', async () => {
    await writer.write([Buffer.from('abc')]);
    await writer.flush();
    await writer.close();
    expect(under.fs.calls.map((call) => call.name)).toEqual([
      'mkdir',
      'open',
      'writev',
      'fdatasync',
      'close',
    ]);
  });

  it('never repeats a failed flush, because the repeated one would succeed over lost bytes', async () => {
    await writer.write([Buffer.from('abc')]);
    failOnce('fdatasync', 'EIO');
    await expect(writer.flush()).rejects.toMatchObject({ kind: 'broken' });
    await expect(writer.flush()).rejects.toMatchObject({ kind: 'broken' });
    await expect(writer.write([Buffer.from('d')])).rejects.toMatchObject({ kind: 'broken' });
    await writer.close();
    expect(under.fs.calls.filter((call) => call.name === 'fdatasync')).toHaveLength(1);
    expect(await sizeOf(under.driver, 'a/f')).toBe(3);
  });

  it('writes nothing more after a failed write, calls in flight included', async () => {
    failOnce('writev', 'ENOSPC');
    const writes = await Promise.allSettled([
      writer.write([Buffer.from('abc')]),
      writer.write([Buffer.from('def')]),
    ]);
    expect(writes.map((write) => write.status)).toEqual(['rejected', 'rejected']);
    await expect(writer.flush()).rejects.toMatchObject({ kind: 'full' });
    await writer.close();
    expect(await sizeOf(under.driver, 'a/f')).toBe(0);
  });

  it('gives its descriptor back whatever failed', async () => {
    failOnce('writev', 'EIO');
    await expect(writer.write([Buffer.from('abc')])).rejects.toMatchObject({ kind: 'broken' });
    await writer.close();
    expect(under.fs.openPaths).toEqual([]);
  });

  it('waits at its close for the write that is in flight', async () => {
    const { passed, open } = gate();
    under.fs.before = ({ name }) => (name === 'writev' ? passed : undefined);
    const writing = writer.write([Buffer.from('abc')]);
    const closing = writer.close();
    open();
    await Promise.all([writing, closing]);
    expect(under.fs.calls.map((call) => call.name).slice(-2)).toEqual(['writev', 'close']);
  });
});

describe('a call that the system refuses', () => {
  const kinds: readonly (readonly [string, StorageFaultKind])[] = [
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['EROFS', 'read-only'],
    ['EMFILE', 'too-many-open-files'],
    ['ENFILE', 'too-many-open-files'],
    ['EACCES', 'denied'],
    ['EPERM', 'denied'],
    ['EIO', 'broken'],
  ];

  it.each(kinds)(
    'with %s is a fault of the kind %s, with its cause, and leaves nothing open',
    async (code, kind) => {
      const { driver, fs, root, dispose } = await observedDriver();
      await driver.putContent('a/f', Buffer.from('x'));
      const cause = systemError(code);
      fs.before = ({ name, path }) => {
        if (name !== 'close' && name !== 'unlink' && path.startsWith(root)) throw cause;
      };
      const fault = { name: 'StorageFault', kind, cause };
      await expect(sizeOf(driver, 'a/f')).rejects.toMatchObject(fault);
      await expect(driver.openReader('a/f')).rejects.toMatchObject(fault);
      await expect(driver.openWriter('a/f', 1)).rejects.toMatchObject(fault);
      await expect(driver.putContent('a/f', Buffer.from('y'))).rejects.toMatchObject(fault);
      await expect(driver.move('a/f', 'b/f')).rejects.toMatchObject(fault);
      await expect(driver.makeDurable('a/f')).rejects.toMatchObject(fault);
      await expect(driver.remove('a/f')).rejects.toMatchObject(fault);
      await expect(driver.list('a')).rejects.toMatchObject(fault);
      await expect(driver.probe()).rejects.toMatchObject(fault);
      expect(fs.openPaths).toEqual([]);
      fs.before = () => {};
      expect(await sizeOf(driver, 'a/f')).toBe(1);
      await dispose();
    },
  );

  it('leaves no temporary file of a content that could not be written', async () => {
    const { driver, fs, dispose } = await observedDriver();
    await driver.putContent('a/f', Buffer.from('old'));
    fs.before = ({ name }) => {
      if (name === 'writev') throw systemError('ENOSPC');
    };
    await expect(driver.putContent('a/f', Buffer.from('new'))).rejects.toMatchObject({ kind: 'full' });
    expect(await namesIn(driver, 'a')).toEqual(['f']);
    expect(await sizeOf(driver, 'a/f')).toBe(3);
    expect(fs.openPaths).toEqual([]);
    await dispose();
  });
});

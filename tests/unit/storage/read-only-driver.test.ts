import { describe, expect, it } from 'vitest';
import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import { MemoryDriver } from '../../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { ReadOnlyDriver } from '../../../src/infrastructure/storage/drivers/read-only-driver.js';

describe('a storage that is read only', () => {
  const writes: Readonly<Record<string, (driver: StorageDriver) => Promise<unknown>>> = {
    openWriter: (driver) => driver.openWriter('a/b', 0),
    putContent: (driver) => driver.putContent('a/b', Buffer.from('x')),
    putDurably: (driver) => driver.putDurably('a/b', Buffer.from('x')),
    move: (driver) => driver.move('a/b', 'a/c'),
    remove: (driver) => driver.remove('a/b'),
    openFence: (driver) => driver.openFence('a/fence', 'a'),
    removeThroughFence: (driver) => driver.removeThroughFence('a/b', 'a/fence/b'),
    breakFence: (driver) => driver.breakFence('a/fence'),
  };

  it.each(Object.keys(writes))('refuses %s, and leaves everything as it is', async (name) => {
    const inner = new MemoryDriver();
    await inner.putContent('a/b', Buffer.from('content'));
    const driver = new ReadOnlyDriver(inner);
    await expect(writes[name]?.(driver)).rejects.toMatchObject({ name: 'StorageFault', kind: 'read-only' });
    expect(await driver.list('a')).toEqual([{ name: 'b', kind: 'file' }]);
    expect(String(Buffer.from((await driver.readContent('a/b', 100)) ?? ''))).toBe('content');
    await driver.close();
  });

  it('reads', async () => {
    const inner = new MemoryDriver();
    await inner.putContent('a/b', Buffer.from('content'));
    const driver: StorageDriver = new ReadOnlyDriver(inner);
    await driver.probe();
    expect(await driver.stat('a/b')).toMatchObject({ kind: 'file', size: 7 });
    expect(await driver.survey('a', 'none')).toEqual({ newest: undefined, without: [] });
    expect(await driver.newestOf(['a/b'])).toBe((await driver.stat('a/b'))?.changedAt);
    const reader = await driver.openReader('a/b');
    expect(reader?.size).toBe(7);
    await reader?.close();
    await inner.openFence('a/fence', 'a');
    expect(await driver.fencesOpenedBefore('a', Infinity)).toEqual(['fence']);
    await driver.flushContent(['a/b']);
    await driver.makeDurable('a/b');
    await driver.close();
  });
});

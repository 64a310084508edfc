import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { PieceMemory } from '../../../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';
import { readWhole } from '../../../contract/storage-content.js';
import { MemoryObjectStore } from '../../../support/memory-object-store.js';
import { freshDriver } from '../../../support/s3-model.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const TOTAL = 48 * MIB;
const SLAB = 256 * KIB;

describe('the memory of all writers', () => {
  function setUp(total = TOTAL) {
    const memory = new PieceMemory(10 * MIB, total);
    const store = new MemoryObjectStore({ keepsContent: false });
    return { memory, store, driver: freshDriver(store, {}, memory) };
  }
  const open = async (driver: ReturnType<typeof freshDriver>, count: number) => {
    const paths = Array.from({ length: count }, (_, at) => `u/${at}/data.1`);
    const writers = await Promise.all(paths.map((path) => driver.openWriter(path, 0)));
    return writers.filter((writer) => writer !== undefined);
  };

  it('is never exceeded by 64 writers at once, and free in the end', async () => {
    const { memory, driver } = setUp();
    const writers = await open(driver, 64);
    const chunk = Buffer.alloc(MIB);
    await Promise.all(
      writers.map(async (writer, at) => {
        for (let done = 0; done < 8; done += 1) await writer.write([chunk.subarray(0, MIB - at * 1000)]);
        await writer.flush();
        await writer.close();
      }),
    );
    expect(memory.peak).toBeLessThanOrEqual(TOTAL);
    expect(memory.used).toBe(0);
  });

  it('is had by those who need it when most writers wait for slow clients', async () => {
    const { memory, store, driver } = setUp(4 * MIB);
    const idle = await open(driver, 40);
    // Each holds a slab: more than there are.
    await Promise.all(idle.map((writer) => writer.write([Buffer.alloc(1000)])));
    expect(store.requests.get('put')).toBeGreaterThanOrEqual(40 - (4 * MIB) / SLAB);
    await Promise.all(idle.map((writer) => writer.write([Buffer.alloc(1000)])));
    await Promise.all(idle.map((writer) => writer.flush()));
    await Promise.all(idle.map((writer) => writer.close()));
    expect(memory.peak).toBeLessThanOrEqual(4 * MIB);
    expect(memory.used).toBe(0);
    expect((await driver.stat('u/39/data.1'))?.size).toBe(2000);
  });

  it('gives a lone writer whole pieces, many at once smaller ones, and a long file larger ones', () => {
    const memory = new PieceMemory(10 * MIB, TOTAL);
    const gatherer = () => ({ gathered: 0, spill: () => undefined });
    memory.enter(gatherer());
    expect(memory.pieceSize(0)).toBe(10 * MIB);
    expect(memory.pieceSize(20_000 * MIB)).toBe(20 * MIB);
    expect(memory.pieceSize(10 ** 13)).toBe(TOTAL / 2);
    for (let count = 2; count < 64; count += 1) memory.enter(gatherer());
    expect(memory.pieceSize(0)).toBeGreaterThanOrEqual(SLAB);
    expect(memory.pieceSize(0) * 63).toBeLessThanOrEqual(TOTAL);
  });

  it('is not used again while bytes in it are still being sent', async () => {
    const memory = new PieceMemory(10 * MIB, SLAB);
    const store = new MemoryObjectStore();
    let send: (() => void) | undefined;
    const put = store.put.bind(store);
    store.put = async (key, bytes, note) => {
      if (send === undefined) {
        await new Promise<void>((resolve) => {
          send = resolve;
        });
      }
      return put(key, bytes, note);
    };
    const driver = freshDriver(store, {}, memory);
    const [one, two] = await open(driver, 2);
    await one?.write([Buffer.from('one')]);
    const flushing = one?.flush();
    await setImmediate();
    expect(send).toBeDefined();
    // There is no room for it; and it asks the other to give up its own, which is still on its way.
    const writing = two?.write([Buffer.from('two')]);
    await setImmediate();
    send?.();
    await Promise.all([flushing, writing]);
    await Promise.all([one?.close(), two?.close()]);
    expect(await readWhole(await driver.openReader('u/0/data.1'))).toBe('one');
    expect(await readWhole(await driver.openReader('u/1/data.1'))).toBe('two');
    expect(memory.peak).toBe(SLAB);
  });

  it('is free again when the store fails', async () => {
    const memory = new PieceMemory(MIB, TOTAL);
    const store = new MemoryObjectStore();
    store.put = () => Promise.reject(new Error('no answer'));
    const [writer] = await open(freshDriver(store, {}, memory), 1);
    const writing = writer?.write([Buffer.alloc(20 * MIB)]);
    await expect(writing).rejects.toThrow('no answer');
    await expect(writer?.flush()).rejects.toThrow('no answer');
    await writer?.close();
    expect(memory.used).toBe(0);
  });

  it('is had in the order in which it was asked for, by one that is larger than all of it alone', async () => {
    const memory = new PieceMemory(MIB, 10 * SLAB);
    const order: string[] = [];
    const first = await memory.slabs(6 * SLAB);
    const large = memory.slabs(20 * SLAB).then((slabs) => {
      order.push('large');
      return slabs;
    });
    const small = memory.slabs(1).then((slabs) => order.push(`${slabs.length} small`));
    memory.giveBack(first, true);
    memory.giveBack(await large, true);
    await small;
    expect(order).toEqual(['large', '1 small']);
  });
});

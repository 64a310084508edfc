import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { StorageDriver } from '../../../../src/application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../../src/application/ports/storage/storage-fault.js';
import type { ObjectStore } from '../../../../src/infrastructure/storage/drivers/s3/object-store.js';
import { PieceMemory } from '../../../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';
import { MemoryObjectStore } from '../../../support/memory-object-store.js';
import { freshDriver } from '../../../support/s3-model.js';

const STAGED = 'uploads/one/data.1';
const PART = 100;
const never = new AbortController().signal;

/** Puts are given up by whoever asked, and arrive when the test says so. */
function delayedPuts(store: MemoryObjectStore, isDelayed: (nth: number) => boolean) {
  const late: (() => Promise<unknown>)[] = [];
  let puts = 0;
  const delaying = new Proxy<ObjectStore>(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'put') return value.bind(target);
      return async (key: string, content: readonly Uint8Array[], note?: string) => {
        puts += 1;
        if (!isDelayed(puts)) return store.put(key, content, note);
        const copy = content.map((chunk) => Buffer.from(chunk));
        late.push(() => store.put(key, copy, note));
        throw new StorageFault('unavailable', 'no answer');
      };
    },
  });
  return { store: delaying, arrive: () => Promise.all(late.map((put) => put())), late };
}

const driverOver = (store: ObjectStore) => freshDriver(store, { leastPart: PART }, new PieceMemory(PART));

async function append(driver: StorageDriver, offset: number, content: string): Promise<void> {
  const writer = await driver.openWriter(STAGED, offset);
  try {
    await writer?.write([Buffer.from(content)]);
    await writer?.flush();
  } finally {
    await writer?.close();
  }
}

async function contentOf(driver: StorageDriver): Promise<string | undefined> {
  const reader = await driver.openReader(STAGED);
  if (reader === undefined) return undefined;
  const content = Buffer.alloc(reader.size);
  await reader.read(content, 0);
  return content.toString();
}

describe('a request that its sender gave up and that arrives late', () => {
  it('changes nothing of what was continued meanwhile, by the same process or another', async () => {
    for (const isSame of [true, false]) {
      const store = new MemoryObjectStore({ leastPart: PART });
      const delaying = delayedPuts(store, (nth) => nth === 2);
      const first = driverOver(delaying.store);
      await append(first, 0, 'acknowledged');
      await expect(append(first, 12, ' and lost, which is long')).rejects.toThrow('no answer');
      // Longer than a clock needs to tell two times apart, and far shorter than anybody waits for an answer.
      await sleep(5);
      const second = isSame ? first : driverOver(store);
      await append(second, 12, ' and more');
      await delaying.arrive();
      expect(delaying.late).toHaveLength(1);
      expect(await contentOf(driverOver(store))).toBe('acknowledged and more');
      await append(driverOver(store), 21, '!');
      expect(await contentOf(driverOver(store))).toBe('acknowledged and more!');
      await driverOver(store).move(STAGED, 'blob');
      expect(String(store.contentOf('root/blob'))).toBe('acknowledged and more!');
    }
  });

  it('changes nothing of what the same process has begun anew, its first bytes included', async () => {
    const store = new MemoryObjectStore({ leastPart: PART });
    const delaying = delayedPuts(store, (nth) => nth === 1);
    const driver = driverOver(delaying.store);
    await expect(append(driver, 0, 'lost, and rather long')).rejects.toThrow('no answer');
    await append(driver, 0, 'begun');
    await append(driver, 5, ' anew');
    await delaying.arrive();
    expect(await contentOf(driverOver(store))).toBe('begun anew');
    expect(await driver.move(STAGED, 'blob')).toBe(true);
    expect(String(store.contentOf('root/blob'))).toBe('begun anew');
  });

  it('never puts its bytes in place of those that another process has verified', async () => {
    const store = new MemoryObjectStore({ leastPart: PART });
    const delaying = delayedPuts(store, (nth) => nth === 1);
    await expect(append(driverOver(delaying.store), 0, 'lost!')).rejects.toThrow('no answer');
    const other = driverOver(store);
    await append(other, 0, 'begun');
    expect(await other.hash(STAGED, 'sha256', 5, never)).toBeDefined();
    await delaying.arrive();
    expect(await other.move(STAGED, 'blob')).toBe(false);
    expect(store.contentOf('root/blob')).toBeUndefined();
  });

  it('is not mistaken when it is the repetition of one that was answered', async () => {
    const store = new MemoryObjectStore({ leastPart: PART });
    const again: (() => Promise<unknown>)[] = [];
    const repeating = new Proxy<ObjectStore>(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (name !== 'put') return value.bind(target);
        return async (key: string, content: readonly Uint8Array[], note?: string) => {
          const copy = content.map((chunk) => Buffer.from(chunk));
          again.push(() => store.put(key, copy, note));
          return store.put(key, content, note);
        };
      },
    });
    const driver = driverOver(repeating);
    await append(driver, 0, 'never counted');
    await append(driver, 0, 'x'.repeat(60));
    await append(driver, 60, 'y'.repeat(60));
    await append(driver, 90, 'z'.repeat(20));
    const whole = 'x'.repeat(60) + 'y'.repeat(30) + 'z'.repeat(20);
    for (const put of again) {
      await put();
      expect(await contentOf(driverOver(store))).toBe(whole);
    }
    expect(again.length).toBeGreaterThan(5);
  });
});

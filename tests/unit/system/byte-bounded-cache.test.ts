import { describe, expect, it } from 'vitest';
import { ByteBoundedCache } from '../../../src/infrastructure/system/byte-bounded-cache.js';

const KIB = Buffer.alloc(1024);

describe('a cache within a budget of bytes', () => {
  it('loses what was not asked for the longest when the budget is exceeded', () => {
    const cache = new ByteBoundedCache<Buffer>(2 * (KIB.length + 512), (bytes) => bytes.length);
    cache.keep('first', KIB);
    cache.keep('second', KIB);
    cache.find('first');
    cache.keep('third', KIB);
    expect(['first', 'second', 'third'].map((key) => cache.find(key) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
    expect(cache.counts).toEqual({ asked: 4, found: 3, bytes: 2 * (KIB.length + 512) });
  });

  it('neither counts a peek nor keeps for it what would go', () => {
    const cache = new ByteBoundedCache<Buffer>(2 * (KIB.length + 512), (bytes) => bytes.length);
    cache.keep('first', KIB);
    cache.keep('second', KIB);
    expect(cache.peek('first')).toBe(KIB);
    cache.keep('third', KIB);
    expect(cache.peek('first')).toBeUndefined();
    expect(cache.counts.asked).toBe(0);
  });
});

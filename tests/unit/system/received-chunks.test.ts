import { describe, expect, it } from 'vitest';
import { ReceivedChunks } from '../../../src/infrastructure/system/received-chunks.js';

const LARGE = 64 * 1024;
const memory = new ReceivedChunks();

describe('chunks that are released', () => {
  it('are empty, and their memory is free before any collection', () => {
    const chunks = Array.from({ length: 1000 }, () => Buffer.allocUnsafeSlow(LARGE));
    const before = process.memoryUsage().arrayBuffers;
    memory.release(chunks);
    expect(before - process.memoryUsage().arrayBuffers).toBeGreaterThan(900 * LARGE);
    expect(chunks.every(({ length }) => length === 0)).toBe(true);
  });

  it('keep their bytes when others have bytes in the same memory', () => {
    const whole = Buffer.alloc(2 * LARGE, 1);
    const chunks = [whole.subarray(0, LARGE), whole.subarray(LARGE), Buffer.from('pooled')];
    memory.release(chunks);
    expect(chunks.map(({ length }) => length)).toEqual([LARGE, LARGE, 6]);
    expect(whole.every((byte) => byte === 1)).toBe(true);
  });

  it('keep their bytes when they are small, or lie in shared memory', () => {
    const chunks = [Buffer.allocUnsafeSlow(100), new Uint8Array(new SharedArrayBuffer(LARGE))];
    memory.release(chunks);
    expect(chunks.map(({ length }) => length)).toEqual([100, LARGE]);
  });
});

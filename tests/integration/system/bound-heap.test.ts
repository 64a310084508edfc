import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const HOOKS = join(import.meta.dirname, '../../support/typescript-workers.mjs');
const PROGRAM = join(import.meta.dirname, 'bursting-process.ts');
const MIB = 1024 * 1024;

interface Heap {
  readonly young: number;
  readonly old: number;
}

async function heapAfterBursts(bound: 'bounded' | 'unbounded', kept: number): Promise<Heap> {
  const words = ['--import', HOOKS, PROGRAM, bound, String(kept)];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return JSON.parse(stdout) as Heap;
}

describe('the heap in bursts', () => {
  it('has a young generation of at most 16 MiB, also when a thread begins', async () => {
    expect((await heapAfterBursts('bounded', 200_000)).young).toBeLessThanOrEqual(16 * MIB);
    expect((await heapAfterBursts('unbounded', 200_000)).young).toBe(32 * MIB);
  });

  it('keeps fewer gaps while it is large', async () => {
    const [bounded, unbounded] = [
      await heapAfterBursts('bounded', 600_000),
      await heapAfterBursts('unbounded', 600_000),
    ];
    expect(bounded.young).toBeLessThanOrEqual(16 * MIB);
    expect(bounded.old).toBeLessThan(0.85 * unbounded.old);
  });
});

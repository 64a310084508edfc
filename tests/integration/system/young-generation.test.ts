import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const HOOKS = join(import.meta.dirname, '../../support/typescript-workers.mjs');
const PROGRAM = join(import.meta.dirname, 'bursting-process.ts');
const MIB = 1024 * 1024;

async function sizeAfterBursts(...words: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', HOOKS, PROGRAM, ...words]);
  return Number(stdout);
}

describe('the young generation of the heap', () => {
  it('stays at 16 MiB in bursts, also when a thread begins', async () => {
    expect(await sizeAfterBursts('bounded')).toBe(16 * MIB);
  });

  it('would be 32 MiB otherwise', async () => {
    expect(await sizeAfterBursts()).toBe(32 * MIB);
  });
});

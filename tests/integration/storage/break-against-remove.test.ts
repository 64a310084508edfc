import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import type { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { LayoutBlobRemoval } from '../../../src/infrastructure/storage/layout/layout-blob-removal.js';
import { realDriver } from './real-driver.js';
import type { RemovalReport } from './removing-process.js';
import { chance } from './turns.js';

const HOOKS = join(import.meta.dirname, '../../support/typescript-workers.mjs');
const PROGRAM = join(import.meta.dirname, 'removing-process.ts');
const ROUNDS = 10_000;
/** A disk would only be slower: whoever removes a folder that another renames into meets the same locks. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** Digests that are removed and placed at the same time. */
const LANES = 8;

describe('two processes', () => {
  let root: string;
  let driver: FilesystemDriver;
  let other: ChildProcess;
  const waiting = new Map<string, (removals: number) => void>();
  beforeEach(async () => {
    root = mkdtempSync(join(FOLDER, 'stowage-fences-'));
    driver = realDriver(root);
    other = spawn(process.execPath, ['--import', HOOKS, PROGRAM, root], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await once(other, 'message');
    other.on('message', ({ token, removals }: RemovalReport) => waiting.get(token)?.(removals));
  });
  afterEach(async () => {
    const exit = once(other, 'exit');
    other.disconnect();
    await exit;
    await driver.close();
    rmSync(root, { recursive: true });
  });

  /** Lets the other remove until it is fenced; how often it was not. */
  function letRemove(digest: Digest, token: Buffer): Promise<number> {
    return new Promise((resolve) => {
      const name = token.toString('hex');
      waiting.set(name, resolve);
      other.send({ digest: digest.toString(), token: name });
    });
  }

  it('never disagree: once one has broken a fence, the other removes nothing through it', async () => {
    const removal = new LayoutBlobRemoval(driver);
    const random = chance(1);
    let [removals, lost] = [0, 0];

    async function run(lane: number): Promise<void> {
      const content = Buffer.from(`the bytes of layer ${lane}`);
      const digest = Digest.of('sha256', content);
      const path = `docker/registry/v2/blobs/sha256/${digest.hex.slice(0, 2)}/${digest.hex}/data`;
      for (let round = lane; round < ROUNDS; round += LANES) {
        const token = randomBytes(16);
        await removal.openFence(token);
        const fenced = letRemove(digest, token);
        for (let wait = random() * 10; wait > 0; wait -= 1) await new Promise(setImmediate);
        await removal.breakFence(token);
        await driver.putContent(path, content);
        removals += await fenced;
        if ((await driver.stat(path))?.size !== content.length) lost += 1;
      }
    }
    await Promise.all(Array.from({ length: LANES }, (_, lane) => run(lane)));
    expect(lost).toBe(0);
    // The other was in the midst of it, and not only before or after.
    expect(removals).toBeGreaterThan(ROUNDS / 10);
    expect(await driver.list('stowage/gc')).toEqual([]);
  }, 60_000);
});

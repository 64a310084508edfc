import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { generateTree, type TreeCounts } from '../support/large-tree.js';
import { PROGRAM, type RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { hasBegun } from './adoption/has-begun.js';
import { catalogOf, KNOWS, logged, serveTree } from './adoption/served-tree.js';

/** Taking over is killed when it has come some way. */
describe('the program that is stopped while it takes a folder over', () => {
  let temp: TempDir;
  let data: string;
  let tree: TreeCounts;
  let child: ChildProcess | undefined;
  let registry: RunningRegistry | undefined;

  beforeAll(async () => {
    temp = await makeTempDir();
    data = join(temp.path, 'data');
    tree = generateTree(data, { repositories: 300, tags: 1_200, blobs: 2_400 });
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await registry?.kill9();
    registry = undefined;
    rmSync(join(data, 'stowage'), { recursive: true, force: true });
  });
  afterAll(() => temp.remove());

  /** Until the database has some repositories, and by far not all. */
  async function begin(...words: readonly string[]): Promise<ChildProcess> {
    const started = spawn(process.execPath, [PROGRAM, ...words, '--root', data], { stdio: 'ignore' });
    child = started;
    const name = words[0] === 'index' ? 'metadata.db.new' : 'metadata.db';
    while (!hasBegun(join(data, 'stowage', name))) {
      if (started.exitCode !== null) throw new Error(`ended with ${started.exitCode}`);
      await sleep(1);
    }
    return started;
  }

  it.each(['SIGKILL', 'SIGTERM'] as const)('by %s, goes on from there', async (signal) => {
    const started = await begin('serve', '--addr', '127.0.0.1:22001');
    started.kill(signal);
    const [code] = (await once(started, 'exit')) as [number | null];
    expect(code).toBe(signal === 'SIGKILL' ? null : 1);
    registry = await serveTree(temp.path);
    const told = await logged(registry, KNOWS);
    expect(told['resumed']).toBe(true);
    expect(told['repositories']).toBeGreaterThan(0);
    expect(told['repositories']).toBeLessThan(tree.repositories);
    const names = await catalogOf(registry);
    expect(names).toHaveLength(tree.repositories);
    for (const name of ['team-000/app00', 'team-000/app00-tools', 'team-000/app00/worker']) {
      expect(names).toContain(name);
    }
  });

  it('by a signal, leaves the database as it was when it is made anew', async () => {
    const started = await begin('index', 'rebuild');
    started.kill('SIGINT');
    const [code] = (await once(started, 'exit')) as [number | null];
    expect(code).toBe(1);
    expect(existsSync(join(data, 'stowage/metadata.db.new'))).toBe(false);
    expect(existsSync(join(data, 'stowage/metadata.db'))).toBe(false);
  });
});

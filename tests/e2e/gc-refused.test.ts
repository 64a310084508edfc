import { DatabaseSync } from '@photostructure/sqlite';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateTree } from '../support/large-tree.js';
import { ReferenceTree } from '../support/reference-tree.js';
import { pushBlob } from '../support/registry-actions.js';
import { runProgram, type Ended, type RunOptions } from '../support/run-program.js';
import { freePort, PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { hasBegun } from './adoption/has-begun.js';
import { openFences, storedDigests } from './gc/folder-state.js';
import { readGc } from './gc/run-gc.js';

/** So many that a run can be interrupted in the middle. */
const MANY = 3_000;

describe('stowage gc', () => {
  let temp: TempDir;
  let root: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    temp = await makeTempDir();
    root = join(temp.path, 'data');
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    child = undefined;
    await temp.remove();
  });

  const gc = (words: readonly string[], options: RunOptions = {}): Promise<Ended> =>
    runProgram(process.execPath, [PROGRAM, 'gc', ...words], { cwd: temp.path, ...options });
  const onRoot = (...words: readonly string[]): Promise<Ended> => gc(['--root', root, ...words]);
  /** Starts a program that a test has its hands on. */
  const begin = (...words: readonly string[]): ChildProcess => {
    child = spawn(process.execPath, [PROGRAM, ...words], {
      cwd: temp.path,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return child;
  };
  /** Blobs of a repository that no manifest references, as another registry leaves them. */
  const leaveMany = (): void => {
    const tree = new ReferenceTree(root);
    for (let at = 0; at < MANY; at += 1) tree.layerLink('team/app', tree.blob(`blob ${at}`).digest);
  };

  describe('refuses with a sentence and exit code 2', () => {
    it.each([
      [['--grace', 'soon'], '--grace must be a duration such as 0, 30m or 24h, not "soon".'],
      [['--grace', '-1'], '--grace must be a duration such as 0, 30m or 24h, not "-1".'],
      [['--grace', '10'], '--grace must be a duration such as 0, 30m or 24h, not "10".'],
      [['--grace', '1h 30m'], '--grace must be a duration such as 0, 30m or 24h, not "1h 30m".'],
      [['--drop-unreadable', '../up'], '--drop-unreadable must name a repository, not "../up".'],
      [
        ['--drop-unreadable', 'a', '-d'],
        '--drop-unreadable changes something, so it does not go with --dry-run.',
      ],
      [['--delete-untaged'], 'gc has no option --delete-untaged. Did you mean --delete-untagged?'],
      [['--grace'], 'grace'],
    ])('%j', async (words, sentence) => {
      const { exitCode, stdout, stderr } = await onRoot(...words);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^stowage: [^\n]*\n$/);
      expect(stderr).toContain(sentence);
      // What is misspelled leaves no folder behind.
      expect(await readdir(temp.path)).toEqual([]);
    });
  });

  it.each([[[]], [['--dry-run']]])(
    '%j makes nothing where no registry has stored anything',
    async (words) => {
      const { exitCode, stdout, stderr } = await onRoot(...words);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        /^stowage: no registry has stored anything in .*, so there is nothing to collect\.\n$/,
      );
      expect(await readdir(temp.path)).toEqual([]);
    },
  );

  it('says in a dry run that there is no database, and makes none', async () => {
    await mkdir(join(root, 'docker/registry/v2/repositories/team'), { recursive: true });
    const { exitCode, stdout, stderr } = await onRoot('--dry-run');
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^stowage: there is no metadata database .*data\/stowage\/metadata\.db yet, .*\n$/,
    );
    expect(await readdir(root)).toEqual(['docker']);
  });

  it('says that storage in memory has nothing to collect', async () => {
    const { exitCode, stderr } = await gc([], { env: { REGISTRY_STORAGE: 'inmemory' } });
    expect([exitCode, stderr]).toEqual([
      1,
      'stowage: the storage is in memory, so there is nothing that could be collected.\n',
    ]);
  });

  it('takes a folder over that no Stowage has served, and collects it', async () => {
    leaveMany();
    const { exitCode, summary } = readGc(await onRoot('--json'));
    expect([exitCode, summary.links, summary.blobs.count]).toEqual([0, MANY, MANY]);
    expect(storedDigests(root)).toEqual([]);
  });

  it('stops by Ctrl-C between two things, and the next run does the rest', async () => {
    leaveMany();
    const started = begin('gc', '--root', root, '--json');
    const lines: string[] = [];
    started.stdout?.on('data', (chunk: Buffer) => {
      lines.push(chunk.toString());
      if (lines.length === 1) started.kill('SIGINT');
    });
    const [code] = (await once(started, 'close')) as [number | null];
    const stopped = readGc({ exitCode: code ?? 128, stdout: lines.join(''), stderr: '' });
    expect(stopped.exitCode).toBe(1);
    expect(stopped.summary).toMatchObject({ stopped: true, failed: 0 });
    expect(stopped.went.length).toBeGreaterThan(0);
    expect(stopped.went.length).toBeLessThan(MANY);
    expect(storedDigests(root)).toHaveLength(MANY - stopped.went.length);
    expect(openFences(root)).toEqual([]);
    const rest = readGc(await onRoot('--json'));
    expect(rest.exitCode).toBe(0);
    expect(rest.went).toHaveLength(MANY - stopped.went.length);
    expect(storedDigests(root)).toEqual([]);
  });

  it('is not run twice at once on one folder', async () => {
    leaveMany();
    const first = begin('gc', '--root', root);
    await once(first, 'spawn');
    first.stdout?.resume();
    await untilItHas(join(root, 'stowage/gc.db'));
    first.kill('SIGSTOP');
    try {
      const second = await onRoot();
      expect([second.exitCode, second.stdout]).toEqual([1, '']);
      expect(second.stderr).toBe(
        'stowage: another `stowage gc` is at work on this folder; wait for its end.\n',
      );
    } finally {
      first.kill('SIGCONT');
    }
    const [code] = (await once(first, 'close')) as [number | null];
    expect(code).toBe(0);
    expect(storedDigests(root)).toEqual([]);
  });

  it('waits for no adoption by a registry, and removes nothing meanwhile', async () => {
    generateTree(root, { repositories: 300, tags: 1_200, blobs: 2_400 });
    const before = storedDigests(root);
    const serving = begin('serve', '--addr', `127.0.0.1:${await freePort()}`, '--root', root);
    for (const stream of [serving.stdout, serving.stderr]) stream?.resume();
    const database = join(root, 'stowage/metadata.db');
    while (!hasBegun(database)) {
      if (serving.exitCode !== null) throw new Error(`ended with ${serving.exitCode}`);
      await sleep(1);
    }
    // Stopped in the middle of a transaction it would be refused for that.
    for (let midway = true; midway;) {
      serving.kill('SIGSTOP');
      await sleep(10);
      midway = isLocked(database);
      if (midway) serving.kill('SIGCONT');
    }
    const refused = await onRoot('--grace', '0');
    serving.kill('SIGCONT');
    expect([refused.exitCode, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toBe(
      'stowage: another Stowage is still taking over what the folder has; nothing is removed before its end.\n',
    );
    expect(storedDigests(root)).toEqual(before);
  });

  it('waits for a moment while another process holds the database locked, and says so when it is longer', async () => {
    const registry = await RunningRegistry.start({ folder: temp.path });
    await pushBlob(registry.client, 'team/app', 'loose');
    await registry.stop();
    const config = join(temp.path, 'config.yml');
    const database = new DatabaseSync(join(root, 'stowage/metadata.db'));
    try {
      database.exec('BEGIN IMMEDIATE');
      const refused = await gc([config]);
      expect([refused.exitCode, refused.stdout]).toEqual([1, '']);
      expect(refused.stderr).toMatch(
        /^stowage: [^\n]*another process holds the metadata database locked[^\n]*\n$/,
      );
      const waiting = gc([config, '--json']);
      await sleep(2_000);
      database.exec('ROLLBACK');
      const { exitCode, went } = readGc(await waiting);
      expect([exitCode, went]).toEqual([0, [expect.stringMatching(/^blob /)]]);
    } finally {
      database.close();
    }
  });
});

async function untilItHas(lock: string): Promise<void> {
  while (!isLocked(lock)) await sleep(5);
}

/** Whether another process is writing to the database; not, when there is none yet. */
function isLocked(database: string): boolean {
  try {
    const probe = new DatabaseSync(database, { timeout: 0 });
    try {
      probe.exec('BEGIN IMMEDIATE');
      probe.exec('ROLLBACK');
    } finally {
      probe.close();
    }
    return false;
  } catch (error) {
    if (/locked|busy/.test(String(error))) return true;
    if (/unable to open/.test(String(error))) return false;
    throw error;
  }
}

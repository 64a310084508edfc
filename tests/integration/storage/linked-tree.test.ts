import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TreeDamage } from '../../../src/application/ports/storage/stored-tree.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { FileThread } from '../../../src/infrastructure/storage/drivers/filesystem/file-thread.js';
import { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { HashThread } from '../../../src/infrastructure/storage/drivers/filesystem/hash-thread.js';
import { NodeFileSystem } from '../../../src/infrastructure/storage/drivers/filesystem/node-file-system.js';
import { AtMost } from '../../../src/application/services/at-most.js';
import { LayoutStoredTree } from '../../../src/infrastructure/storage/layout/layout-stored-tree.js';
import { collect } from '../../support/collect.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

const NEVER = new AbortController().signal;
const REPOSITORIES = 'docker/registry/v2/repositories';

/** Administrators move parts of a tree to other disks and leave links. */
describe('a tree with symbolic links', () => {
  const digest = Digest.of('sha256', Buffer.from('one'));
  let temp: TempDir;
  let driver: FilesystemDriver;
  let tree: LayoutStoredTree;
  let root: string;

  beforeEach(async () => {
    temp = await makeTempDir();
    root = `${temp.path}/root/${REPOSITORIES}`;
    const files = new NodeFileSystem(new AtMost(2), new FileThread());
    driver = new FilesystemDriver(`${temp.path}/root`, files, new HashThread());
    tree = new LayoutStoredTree(driver);
    await layerOf(`${root}/a`);
  });
  afterEach(async () => {
    await driver.close();
    await temp.remove();
  });

  async function layerOf(folder: string): Promise<void> {
    await mkdir(`${folder}/_layers/sha256/${digest.hex}`, { recursive: true });
    await writeFile(`${folder}/_layers/sha256/${digest.hex}/link`, digest.toString());
  }

  async function walk(): Promise<{ names: readonly string[]; damage: readonly string[] }> {
    const damage: TreeDamage[] = [];
    const names = await collect(tree.repositories(undefined, NEVER, (one) => damage.push(one)));
    return {
      names,
      damage: damage.map(({ path, reason }) => `${path.slice(REPOSITORIES.length + 1)} ${reason}`),
    };
  }

  async function layers(repository: string): Promise<readonly string[]> {
    const found = await collect(tree.repository(repository).layers(NEVER));
    return found.map((one) => (one.kind === 'found' ? one.value.toString() : one.damage.reason));
  }

  it('follows them to repositories and to files', async () => {
    await layerOf(`${temp.path}/elsewhere`);
    await symlink(`${temp.path}/elsewhere`, `${root}/b`);
    await rm(`${root}/a/_layers/sha256/${digest.hex}/link`);
    await symlink(
      `${temp.path}/elsewhere/_layers/sha256/${digest.hex}/link`,
      `${root}/a/_layers/sha256/${digest.hex}/link`,
    );
    expect(await walk()).toEqual({ names: ['a', 'b'], damage: [] });
    expect(await layers('a')).toEqual([digest.toString()]);
    expect(await layers('b')).toEqual([digest.toString()]);
  });

  it('follows one that leads to a repository beside it', async () => {
    await symlink('a', `${root}/b`);
    expect(await walk()).toEqual({ names: ['a', 'b'], damage: [] });
  });

  it('reports those that lead back to where they lie, and ends', async () => {
    await layerOf(`${root}/a/b`);
    for (const [target, name] of [
      ['..', 'up'],
      ['../..', 'top'],
      ['.', 'self'],
    ] as const) {
      await symlink(target, `${root}/a/b/${name}`);
    }
    const { names, damage } = await walk();
    expect(names).toEqual(['a', 'a/b']);
    expect(damage.toSorted()).toEqual(
      ['self', 'top', 'up'].map((name) => `a/b/${name} is a link that leads back to where it lies`),
    );
  });

  it('reports those that lead nowhere, and those that lead to themselves', async () => {
    await symlink('nothing', `${root}/b`);
    await symlink('c', `${root}/c`);
    expect(await walk()).toEqual({
      names: ['a'],
      damage: ['b is a link that leads nowhere', 'c is a link that leads nowhere'],
    });
    const link = `${root}/a/_layers/sha256/${digest.hex}/link`;
    for (const target of ['nothing', 'link']) {
      await rm(link);
      await symlink(target, link);
      expect(await layers('a')).toEqual(['is a link that leads nowhere']);
    }
    await rm(`${root}/a/_layers`, { recursive: true });
    await symlink('nothing', `${root}/a/_layers`);
    expect(await layers('a')).toEqual(['is a link that leads nowhere']);
  });

  it('reports a pipe instead of waiting for its other end', async () => {
    const link = `${root}/a/_layers/sha256/${digest.hex}/link`;
    await rm(link);
    await promisify(execFile)('mkfifo', [link]);
    expect(await layers('a')).toEqual(['cannot be read (EINVAL)']);
  });

  it('reports names that can not be told to a storage', async () => {
    await layerOf(`${root}/with space`);
    await mkdir(`${root}/a/_layers/sha256/é`);
    expect(await walk()).toEqual({
      names: ['a'],
      damage: ['with space is a name that no repository can have'],
    });
    expect(await layers('a')).toEqual([digest.toString(), 'is a name that is never written']);
  });

  it('reports a path that is longer than the system takes, and goes on', async () => {
    await layerOf(`${root}/z`);
    // Only step by step can such a folder be made.
    const steps = 'for i in $(seq 20); do mkdir -p "$1" && cd "$1"; done';
    await promisify(execFile)('bash', ['-c', `cd "$2" && ${steps}`, 'bash', 'l'.repeat(250), root]);
    const { names, damage } = await walk();
    // Node's own removal does not reach that far either.
    await promisify(execFile)('rm', ['-r', `${root}/${'l'.repeat(250)}`]);
    expect(names).toEqual(['a', 'z']);
    expect(damage).toEqual([expect.stringMatching(/^[l/]+ cannot be read \(ENAMETOOLONG\)$/)]);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../support/http-client.js';
import { generateTree } from '../support/large-tree.js';
import { ReferenceRegistry, needsReference } from '../support/reference-registry.js';
import { blobPath, ReferenceTree } from '../support/reference-tree.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { differences, walkRegistry, type WalkedRegistry } from '../support/registry-walk.js';
import { copyWords, runCopy } from '../support/run-copy.js';
import { runProgram, type Ended } from '../support/run-program.js';
import { PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { describeWith } from '../support/tools.js';
import { treeFiles } from '../support/tree-files.js';
import { useTree } from './round-trip/use-tree.js';

const READ_ONLY = { storage: { maintenance: { readonly: { enabled: true } } } };
const SIZE = { repositories: 20, tags: 60, blobs: 300 };
const EVERYTHING = 'The target has everything that the source has.\n';

const from = useTree('test');
const to = useTree('test');

/** Both configurations, as a registry on the folder would write its own. */
beforeEach(async () => {
  for (const { folder } of [from, to]) await configure(folder);
});

async function configure(folder: string, more: object = {}): Promise<void> {
  const storage = { filesystem: { rootdirectory: join(folder, 'data') }, ...more };
  await writeFile(join(folder, 'config.yml'), JSON.stringify({ version: '0.1', storage }));
}

const configurations = (): [string, string] => [
  join(from.folder, 'config.yml'),
  join(to.folder, 'config.yml'),
];
const copy = (...more: readonly string[]): Promise<Ended> => runCopy(...configurations(), more);

const sourceRoot = (): string => join(from.folder, 'data');
const targetRoot = (): string => join(to.folder, 'data');

async function serveTarget(): Promise<WalkedRegistry> {
  return to.keep(await RunningRegistry.start({ folder: to.folder }));
}

describe('storage copy of a folder that nobody uses', () => {
  it('copies everything, also a large blob, and is certain of it; the target serves it', async () => {
    generateTree(sourceRoot(), SIZE);
    const tree = new ReferenceTree(sourceRoot());
    const large = tree.blob(Buffer.alloc(30_000_000, 'large '));
    tree.layerLink('team-000/app00', large.digest);
    const { exitCode, stdout, stderr } = await copy();
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^301 blobs \(\d+\.\d MiB\) and \d+ names copied in \d+\.\d s\. Compared in the end: 301 blobs/,
    );
    expect(stdout.endsWith(EVERYTHING)).toBe(true);
    expect(await readdir(join(targetRoot(), 'stowage'))).not.toContain('copy');
    const source = from.keep(await RunningRegistry.start({ folder: from.folder }));
    const also = { blobs: [`team-000/app00/blobs/${large.digest}`] };
    expect(
      differences(await walkRegistry(source, also), await walkRegistry(await serveTarget(), also)),
    ).toEqual([]);
  });

  it('goes on after kill -9, wherever that was, until the target has everything', async () => {
    generateTree(sourceRoot(), { ...SIZE, blobs: 2_000 });
    for (const wait of [150, 300, 450, 600, 750, 900]) {
      const child = spawn(process.execPath, [PROGRAM, ...copyWords(...configurations())], {
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      await Promise.race([sleep(wait), ended]);
      child.kill('SIGKILL');
      await ended;
    }
    const { exitCode, stderr } = await copy('--verify');
    expect([exitCode, stderr]).toEqual([0, '']);
    const names = (files: ReadonlyMap<string, string>): string[] =>
      [...files].filter(([path]) => !path.includes('/index/')).map(([path, content]) => `${path} ${content}`);
    expect(names(treeFiles(targetRoot()))).toEqual(names(treeFiles(sourceRoot())));
    const source = from.keep(await RunningRegistry.start({ folder: from.folder }));
    expect(differences(await walkRegistry(source), await walkRegistry(await serveTarget()))).toEqual([]);
  });

  it('tells of what is damaged, copies the rest, and exits with 1', async () => {
    const tree = new ReferenceTree(sourceRoot());
    const layer = tree.blob('a layer that will be cut');
    const config = tree.config({ architecture: 'amd64' });
    tree.tag('team/app', 'v1', tree.image('team/app', { config, layers: [layer] }).digest);
    await truncate(join(sourceRoot(), blobPath(layer.digest)), 5);
    const { exitCode, stdout, stderr } = await copy();
    expect(exitCode).toBe(1);
    expect(stdout).not.toContain(EVERYTHING);
    expect(stderr).toBe(
      'stowage: not everything in the source is whole; not copied (1):\n' +
        `  ${blobPath(layer.digest)} has other bytes than its digest says\n`,
    );
    const told = await copy('--json');
    expect(JSON.parse(told.stdout)).toMatchObject({
      certain: false,
      complete: true,
      compared: { blobs: 2, names: 4, repositories: 1 },
      damaged: { count: 1, first: [{ path: blobPath(layer.digest) }] },
      onlyInTarget: { count: 0, first: [] },
      doubts: [],
    });
    expect(await copy('--quiet')).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('says nothing with --quiet when nothing is wrong', async () => {
    generateTree(sourceRoot(), SIZE);
    expect(await copy('--quiet')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('stops when it is asked to, exits with 1, and goes on the next time', async () => {
    generateTree(sourceRoot(), { ...SIZE, blobs: 5_000 });
    const child = spawn(process.execPath, [PROGRAM, ...copyWords(...configurations())], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = once(child, 'exit');
    while (!existsSync(join(targetRoot(), 'stowage/copy/begun'))) await sleep(5);
    child.kill('SIGINT');
    expect((await ended)[0]).toBe(1);
    expect(stderr).toContain('stopped before the end; what was copied stands');
    expect(await copy()).toMatchObject({ exitCode: 0 });
  });
});

describe('storage copy of a folder that a registry uses', () => {
  let registry: RunningRegistry;

  beforeEach(async () => {
    registry = from.keep(await RunningRegistry.start({ folder: from.folder }));
    await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
  });
  afterEach(() => registry.kill9());

  it('copies what it can, exits with 1, and says what is not certain; what is read-only is', async () => {
    const first = await copy();
    expect(first.exitCode).toBe(1);
    expect(first.stdout).not.toContain(EVERYTHING);
    expect(first.stderr).toMatch(
      /^stowage: the source may be written to .* storage\.maintenance\.readonly\.enabled: true in .*config\.yml.*\nstowage: not certain to be copied: what was pushed, moved or deleted in the source after \d{4}-.*Z\n$/,
    );
    await pushImage(registry.client, 'team/app', 'v2', 'config', { layers: ['another'] });
    await pushBlob(registry.client, 'team/app', 'a layer alone');
    await registry.stop();
    registry = from.keep(await RunningRegistry.start({ folder: from.folder, settings: READ_ONLY }));
    const second = await copy();
    expect(second).toMatchObject({ exitCode: 0, stderr: '' });
    expect(second.stdout).toMatch(/^3 blobs .* copied/);
    const also = { blobs: [`team/app/blobs/${digestOf('a layer alone')}`] };
    expect(
      differences(await walkRegistry(registry, also), await walkRegistry(await serveTarget(), also)),
    ).toEqual([]);
  });

  it('is not certain of links that a killed registry did not live to write', async () => {
    await pushImage(registry.client, 'team/app', 'v2', 'config', { layers: ['layer'] });
    await registry.kill9();
    const { exitCode, stderr } = await copy();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('run `stowage index flush` on it first');
    const flushed = await runProgram(process.execPath, [
      PROGRAM,
      'index',
      'flush',
      join(from.folder, 'config.yml'),
    ]);
    expect(flushed.exitCode).toBe(0);
    expect(await copy()).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('copies into a target that a Stowage has served before, which then knows all of it', async () => {
    await registry.stop();
    const target = to.keep(await RunningRegistry.start({ folder: to.folder }));
    await pushImage(target.client, 'team/own', 'v1', 'config', { layers: ['its own'] });
    await target.stop();
    const { exitCode, stdout, stderr } = await copy();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(EVERYTHING);
    expect(stderr).toBe('notice: only in the target, and left there (1):\n  repository team/own\n');
    await target.start();
    const catalog = await target.client.send({ path: '/v2/_catalog' });
    expect(JSON.parse(catalog.body.toString())).toEqual({ repositories: ['team/app', 'team/own'] });
    const tags = await target.client.send({ path: '/v2/team/app/tags/list' });
    expect(JSON.parse(tags.body.toString())).toEqual({ name: 'team/app', tags: ['v1'] });
  });
});

describe('storage copy refuses, with a sentence and exit code 2,', () => {
  beforeEach(() => {
    generateTree(sourceRoot(), SIZE);
  });

  const refused = async (sentence: RegExp): Promise<void> => {
    const { exitCode, stdout, stderr } = await copy();
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  };

  it('a target that a registry serves', async () => {
    await serveTarget();
    await refused(/the target cannot be copied into: .* in use by `stowage serve` on host /);
  });

  it('one storage on both sides, also under another name', async () => {
    await mkdir(to.folder, { recursive: true });
    await symlink(sourceRoot(), targetRoot());
    await refused(/the storages of .*config\.yml and .*config\.yml are the same one/);
  });

  it('a source in which nothing is', async () => {
    await configure(from.folder, { filesystem: { rootdirectory: join(from.folder, 'mistyped') } });
    await refused(/no registry has stored anything in the folder .*mistyped/);
    expect(existsSync(join(from.folder, 'mistyped'))).toBe(false);
  });

  it('storage in memory', async () => {
    await writeFile(join(to.folder, 'config.yml'), 'version: 0.1\nstorage: inmemory\n');
    await refused(/the storage of --to .*config\.yml is in memory/);
  });

  it('a configuration that is not there', async () => {
    const { exitCode, stderr } = await runCopy(
      join(from.folder, 'config.yml'),
      join(to.folder, 'missing.yml'),
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain('missing.yml');
  });
});

describeWith(needsReference('2.8.2'), 'storage copy of a tree of the reference registry', () => {
  it('is served by the reference registry as the source was', async () => {
    const source = from.keep(await ReferenceRegistry.start('2.8.2', from.folder));
    for (const tag of ['v1', 'v2', 'v3']) {
      await pushImage(source.client, 'team/app', tag, `config of ${tag}`, { layers: ['base', tag] });
      await pushImage(source.client, 'team/app', 'latest', `config of ${tag}`, { layers: ['base', tag] });
    }
    const before = await walkRegistry(source);
    await source.stop();
    expect(await copy()).toMatchObject({ exitCode: 0, stderr: '' });
    const target = to.keep(await ReferenceRegistry.start('2.8.2', to.folder));
    expect(differences(before, await walkRegistry(target))).toEqual([]);
  });
});

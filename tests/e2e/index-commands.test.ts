import { copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../support/http-client.js';
import { MEDIA_TYPES } from '../../src/domain/content/media-type.js';
import {
  imageManifest,
  indexManifest,
  pushBlob,
  pushImage,
  putManifest,
} from '../support/registry-actions.js';
import { runProgram, type Ended } from '../support/run-program.js';
import { PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { everythingWritten } from './gc/folder-state.js';

describe('stowage index', () => {
  let temp: TempDir;
  let registry: RunningRegistry;
  let manifest: string;

  beforeEach(async () => {
    temp = await makeTempDir();
    registry = await RunningRegistry.start({ folder: temp.path });
    manifest = await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
  });
  afterEach(async () => {
    await registry.kill9();
    await temp.remove();
  });

  const inTree = (path: string): string => join(temp.path, 'data/docker/registry/v2', path);
  const tagLink = (tag: string): string =>
    inTree(`repositories/team/app/_manifests/tags/${tag}/current/link`);
  const blob = (content: string): string => {
    const hex = digestOf(content).slice('sha256:'.length);
    return inTree(`blobs/sha256/${hex.slice(0, 2)}/${hex}/data`);
  };
  const index = (...words: readonly string[]): Promise<Ended> =>
    runProgram(process.execPath, [PROGRAM, 'index', ...words, join(temp.path, 'config.yml')], {
      cwd: temp.path,
    });
  const lines = (text: string): readonly Record<string, unknown>[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  describe('verify', () => {
    it('finds no difference beside a running registry, and after it', async () => {
      const running = await index('verify');
      expect(running).toMatchObject({ exitCode: 0, stderr: '' });
      expect(running.stdout).toBe(
        'No differences (compared 1 repositories, 1 tags, 1 manifests, 2 blobs).\n',
      );
      await registry.stop();
      expect(await index('verify')).toEqual(running);
    });

    it('shows what differs, as a table and for programs, and changes nothing', async () => {
      await writeFile(tagLink('v1'), digestOf('elsewhere'));
      await everythingWritten(join(temp.path, 'data'));
      await rm(blob('layer'));
      const before = await readFile(tagLink('v1'), 'utf8');
      const { exitCode, stdout } = await index('verify');
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^DIFFERENCE +REPOSITORY +NAME +DETAIL\n/);
      expect(stdout).toMatch(/other target +team\/app +tag v1 +tree sha256:\w+, database sha256:\w+\n/);
      expect(stdout).toContain('2 differences: 1 other target, 1 bytes are missing');
      const json = await index('verify', '--json');
      expect(json.exitCode).toBe(1);
      expect(lines(json.stdout)).toEqual([
        {
          difference: 'other-target',
          repository: 'team/app',
          tag: 'v1',
          tree: digestOf('elsewhere'),
          database: digestOf(manifest),
        },
        { difference: 'bytes-missing', repository: 'team/app', blob: digestOf('layer') },
        {
          summary: {
            compared: { repositories: 1, tags: 1, revisions: 1, layers: 2 },
            differences: 2,
            kinds: { 'other-target': 1, 'bytes-missing': 1 },
            complete: true,
          },
        },
      ]);
      expect(await readFile(tagLink('v1'), 'utf8')).toBe(before);
    });

    it('shows the first 50 differences and counts the others', async () => {
      for (let at = 0; at < 60; at += 1) {
        await putManifest(registry.client, 'team/app', `t${at}`, manifest);
        await rm(join(tagLink(`t${at}`), '../..'), { recursive: true });
      }
      const { stdout } = await index('verify');
      expect(stdout.match(/^only in the database/gm)).toHaveLength(50);
      expect(stdout).toContain('… and 10 more; --json shows all\n');
      expect(lines((await index('verify', '--json')).stdout)).toHaveLength(61);
    });

    it('finds no difference that is none while tags are moved all the time', async () => {
      const other = imageManifest('config');
      const moving = new AbortController();
      const mover = (async () => {
        for (let at = 0; !moving.signal.aborted; at += 1) {
          const answer = await putManifest(
            registry.client,
            'team/app',
            `v${at % 3}`,
            at % 2 === 0 ? other : manifest,
          );
          expect(answer.status).toBe(201);
        }
      })();
      try {
        for (let run = 0; run < 3; run += 1) expect(await index('verify')).toMatchObject({ exitCode: 0 });
      } finally {
        moving.abort();
        await mover;
      }
    });

    it('says that there is no database, and makes none', async () => {
      const { exitCode, stdout, stderr } = await runProgram(
        process.execPath,
        [PROGRAM, 'index', 'verify', '--root', join(temp.path, 'nowhere')],
        { cwd: temp.path },
      );
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        /^stowage: there is no metadata database .*nowhere\/stowage\/metadata\.db; .*serve.*\n$/,
      );
      expect(await readdir(temp.path)).not.toContain('nowhere');
    });

    it('refuses storage in memory', async () => {
      const { exitCode, stderr } = await runProgram(process.execPath, [PROGRAM, 'index', 'verify'], {
        cwd: temp.path,
        env: { REGISTRY_STORAGE: 'inmemory' },
      });
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining('the storage is in memory')]);
    });
  });

  describe('repair', () => {
    it('writes links and copies of manifests again, beside a running registry', async () => {
      await rm(inTree('repositories'), { recursive: true });
      await rm(blob(manifest));
      const planned = await index('repair', '--dry-run');
      expect(planned.exitCode).toBe(1);
      expect(planned.stdout).toContain('4 to add (');
      expect((await index('verify')).stdout).toContain('4 differences: 4 only in the database');
      const { exitCode, stdout } = await index('repair');
      expect(exitCode, stdout).toBe(0);
      expect(stdout).toContain('4 added (');
      expect(await index('verify')).toMatchObject({ exitCode: 0 });
      expect(await readFile(blob(manifest), 'utf8')).toBe(manifest);
      expect((await index('repair')).stdout).toContain('Nothing to repair (');
    });

    it('heals a damaged link, and moves a tag back to where the database has it', async () => {
      await writeFile(tagLink('v1'), 'sha256:0a');
      await putManifest(registry.client, 'team/app', 'v2', imageManifest('config'));
      await writeFile(tagLink('v2'), digestOf(manifest));
      const { exitCode, stdout } = await index('repair');
      expect([exitCode, stdout.match(/^changed/gm)]).toEqual([0, ['changed', 'changed']]);
      expect(await readFile(tagLink('v1'), 'utf8')).toBe(digestOf(manifest));
      expect(await readFile(tagLink('v2'), 'utf8')).toBe(digestOf(imageManifest('config')));
      expect(await index('verify')).toMatchObject({ exitCode: 0 });
    });

    it('leaves what only the tree has, unless it may delete, and shows that first', async () => {
      await registry.stop();
      const link = tagLink('mine');
      const tag = join(link, '../..');
      await runProgram('cp', ['-r', join(tagLink('v1'), '../..'), tag]);
      const left = await index('repair');
      expect(left.exitCode).toBe(1);
      expect(left.stdout).toMatch(
        /^left +only in the tree +team\/app +tag mine .*--from-storage takes it in/m,
      );
      expect((await stat(link)).isFile()).toBe(true);
      const shown = await index('repair', '--delete', '--dry-run');
      expect(shown.stdout).toMatch(/^to delete +only in the tree +team\/app +tag mine /m);
      expect((await stat(link)).isFile()).toBe(true);
      const deleted = await index('repair', '--delete', '--json');
      expect(deleted.exitCode).toBe(0);
      expect(lines(deleted.stdout).map((line) => line['plan'] ?? line['done'] ?? 'summary')).toEqual([
        'delete',
        'summary',
        'delete',
        'summary',
      ]);
      await expect(stat(tag)).rejects.toThrow('ENOENT');
      expect(await index('verify')).toMatchObject({ exitCode: 0 });
    });

    it('leaves a blob whose bytes are lost, and says what helps', async () => {
      await everythingWritten(join(temp.path, 'data'));
      await rm(blob('layer'));
      const { exitCode, stdout } = await index('repair');
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^left +bytes are missing +team\/app +blob .*push the image again/m);
      await pushBlob(registry.client, 'team/app', 'layer');
    });
  });

  describe('repair --from-storage', () => {
    const folderOf = (repository: string): string => inTree(`repositories/${repository}`);

    it('takes in what another program has written, and moves tags to where the tree has them', async () => {
      await pushImage(registry.client, 'team/app', 'v2', 'config');
      await registry.stop();
      await runProgram('cp', ['-r', folderOf('team/app'), folderOf('team/copy')]);
      await writeFile(tagLink('v1'), digestOf(imageManifest('config')));
      const { exitCode, stdout } = await index('repair', '--from-storage');
      expect(exitCode, stdout).toBe(0);
      expect(stdout).toContain('1 changed');
      expect(await index('verify')).toMatchObject({ exitCode: 0 });
      await registry.start();
      const { client } = registry;
      const moved = await client.send({ path: '/v2/team/app/manifests/v1' });
      expect(moved.headers['docker-content-digest']).toBe(digestOf(imageManifest('config')));
      const copied = await client.send({ path: '/v2/team/copy/manifests/v1' });
      expect(copied.body.toString()).toBe(manifest);
      expect((await client.send({ path: `/v2/team/copy/blobs/${digestOf('layer')}` })).status).toBe(200);
    });

    it('deletes what only the database has when it may, children after their indexes', async () => {
      const list = indexManifest([manifest]);
      await putManifest(registry.client, 'team/app', 'list', list, MEDIA_TYPES.ociIndex);
      await registry.stop();
      await rm(folderOf('team/app'), { recursive: true });
      const left = await index('repair', '--from-storage');
      expect(left.exitCode).toBe(1);
      expect(left.stdout).toContain('6 left');
      const { exitCode, stdout } = await index('repair', '--from-storage', '--delete');
      expect(exitCode, stdout).toBe(0);
      expect(stdout).toMatch(/6 to delete[\s\S]*6 deleted/);
      await registry.start();
      const catalog = await registry.client.send({ path: '/v2/_catalog' });
      expect(JSON.parse(catalog.body.toString())).toEqual({ repositories: [] });
    });

    it('makes a restored, older database the one of the folder again', async () => {
      await registry.stop();
      const database = join(temp.path, 'data/stowage/metadata.db');
      const backup = join(temp.path, 'backup.db');
      await copyFile(database, backup);
      await registry.start();
      await pushImage(registry.client, 'team/app', 'v2', 'newer', { layers: ['newer layer'] });
      await pushImage(registry.client, 'team/new', 'v1', 'new');
      await registry.stop();
      await copyFile(backup, database);
      for (const end of ['-wal', '-shm']) await rm(database + end, { force: true });
      const refused = await index('repair');
      expect([refused.exitCode, refused.stderr]).toEqual([
        1,
        expect.stringContaining('is older than the folder'),
      ]);
      const { exitCode, stdout } = await index('repair', '--from-storage');
      expect(exitCode, stdout).toBe(0);
      await registry.start();
      for (const path of [
        '/v2/team/app/manifests/v2',
        '/v2/team/new/manifests/v1',
        '/v2/team/app/manifests/v1',
      ]) {
        expect((await registry.client.send({ path })).status).toBe(200);
      }
      expect(await index('verify')).toMatchObject({ exitCode: 0 });
    });
  });
});

import { existsSync, renameSync, rmSync } from 'node:fs';
import { mkdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { digestOf, type Answer } from '../support/http-client.js';
import { blobPath } from '../support/reference-tree.js';
import { imageManifest, pushBlob, pushImage } from '../support/registry-actions.js';
import { runProgram, succeed } from '../support/run-program.js';
import { RunningRegistry, type RegistryOptions } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';
import { openFences, storedDigests } from './gc/folder-state.js';
import { gc, runGc, type GcRun } from './gc/run-gc.js';

const KEPT = ['config', 'layer', imageManifest('config', { layers: ['layer'] })].map((each) =>
  digestOf(each),
);

describeWith(
  { tools: ['mount', 'umount', 'chattr'], root: true },
  'stowage gc on storage that refuses',
  () => {
    let temp: TempDir;
    let root: string;
    let registry: RunningRegistry | undefined;
    let undo: (() => Promise<unknown>)[] = [];

    beforeEach(async () => {
      temp = await makeTempDir();
      root = join(temp.path, 'data');
      await mkdir(root);
    });
    afterEach(async () => {
      await registry?.kill9();
      registry = undefined;
      for (const each of undo.toReversed()) await each();
      undo = [];
      await temp.remove();
    });

    const serve = async (options: Partial<RegistryOptions> = {}): Promise<RunningRegistry> => {
      registry = await RunningRegistry.start({ folder: temp.path, ...options });
      return registry;
    };
    /** An image, and blobs that nothing references. */
    const leave = async (...loose: readonly string[]): Promise<void> => {
      const { client } = await serve();
      await pushImage(client, 'team/app', 'v1', 'config', { layers: ['layer'] });
      for (const each of loose) await pushBlob(client, 'team/app', each);
      await registry?.stop();
    };
    const mounted = async (...words: readonly string[]): Promise<void> => {
      const at = words.at(-1) ?? '';
      await succeed('mount', words);
      undo.push(() => runProgram('umount', ['--lazy', at]));
    };
    const file = (content: string): string => join(root, blobPath(digestOf(content)));
    const push = (content: string): Promise<Answer> => {
      const path = `/v2/team/app/blobs/uploads/?digest=${digestOf(content)}`;
      if (registry === undefined) throw new Error('no registry runs');
      return registry.client.send({ method: 'POST', path, body: content });
    };
    const expectOneFailed = (run: GcRun, content: string, reason: RegExp): void => {
      expect(run.exitCode).toBe(1);
      expect(run.failed).toEqual([
        { digest: digestOf(content), reason: expect.stringMatching(reason) as string },
      ]);
      expect(run.summary).toMatchObject({ failed: 1, left: 1, stopped: false });
    };

    it('goes on behind a blob that can not be removed, and the next run removes it', async () => {
      await leave('first', 'held', 'last');
      await succeed('chattr', ['+i', file('held')]);
      undo.push(() => runProgram('chattr', ['-i', file('held')]));
      const run = await runGc(temp.path);
      expectOneFailed(run, 'held', /cannot remove .*EPERM/);
      expect(run.went).toEqual([`blob ${digestOf('first')}`, `blob ${digestOf('last')}`].toSorted());
      expect(storedDigests(root)).toEqual([...KEPT, digestOf('held')].toSorted());
      expect(openFences(root)).toEqual([]);
      const text = await gc(temp.path);
      expect([text.exitCode, text.stdout]).toEqual([
        1,
        expect.stringMatching(
          new RegExp(
            `The storage refused to remove 1 file; tried again later:\n  ${digestOf('held')}: cannot remove`,
          ),
        ),
      ]);
      // Bytes that are there are as good as new ones.
      await serve();
      const pushed = await push('held');
      expect([201, 500, 503]).toContain(pushed.status);
      await registry?.stop();
      await succeed('chattr', ['-i', file('held')]);
      const again = await runGc(temp.path);
      expect([again.exitCode, again.went]).toEqual([0, [`blob ${digestOf('held')}`]]);
      expect(storedDigests(root)).toEqual(KEPT.toSorted());
    });

    it('does not let pushes of a blob wait that could not be removed', async () => {
      await leave('held');
      await succeed('chattr', ['+i', dirname(file('held'))]);
      undo.push(() => runProgram('chattr', ['-i', dirname(file('held'))]));
      expectOneFailed(await runGc(temp.path), 'held', /cannot remove .*EPERM/);
      await succeed('chattr', ['-i', dirname(file('held'))]);
      await serve();
      expect((await push('held')).status).toBe(201);
      const got = await registry?.client.send({ path: `/v2/team/app/blobs/${digestOf('held')}` });
      expect(got?.body.toString()).toBe('held');
    });

    it('tells of a blob on another file system, and neither it nor pushes of it are stuck', async () => {
      await leave('elsewhere', 'beside');
      const folder = dirname(dirname(file('elsewhere')));
      const other = join(temp.path, 'other');
      await mkdir(other);
      await mounted('-t', 'tmpfs', 'tmpfs', other);
      await succeed('cp', ['-a', `${folder}/.`, other]);
      await rm(folder, { recursive: true });
      await symlink(other, folder);
      const run = await runGc(temp.path);
      expectOneFailed(run, 'elsewhere', /lie on another file system/);
      expect(run.went).toEqual([`blob ${digestOf('beside')}`]);
      await serve();
      expect((await push('elsewhere')).status).toBe(201);
      const got = await registry?.client.send({ path: `/v2/team/app/blobs/${digestOf('elsewhere')}` });
      expect(got?.body.toString()).toBe('elsewhere');
    });

    it('refuses before it condemns anything when all blobs lie on another file system', async () => {
      await leave('loose');
      const blobs = join(root, 'docker/registry/v2/blobs');
      const copy = join(temp.path, 'copy');
      renameSync(blobs, copy);
      await mkdir(blobs);
      await mounted('-t', 'tmpfs', 'tmpfs', blobs);
      await succeed('cp', ['-a', `${copy}/.`, blobs]);
      const before = storedDigests(root);
      const { exitCode, stderr } = await gc(temp.path);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^stowage: [^\n]*lie on another file system than the folder stowage\/[^\n]*\n$/);
      expect(storedDigests(root)).toEqual(before);
      expect(openFences(root)).toEqual([]);
      await serve();
      expect((await push('loose')).status).toBe(201);
    });

    it('says that a folder can not be written', async () => {
      await leave('loose');
      const before = storedDigests(root);
      await mounted('--bind', root, root);
      await succeed('mount', ['-o', 'remount,ro,bind', root]);
      for (const options of [[], ['--grace', '0']]) {
        const { exitCode, stdout, stderr } = await gc(temp.path, ...options);
        expect([exitCode, stdout]).toEqual([1, '']);
        expect(stderr).toMatch(/^stowage: the folder \S+ cannot be written: EROFS[^\n]*\n$/);
      }
      expect(storedDigests(root)).toEqual(before);
    });

    it('takes for gone what is not in the tree any more', async () => {
      await leave('loose', 'other');
      rmSync(file('loose'));
      const run = await runGc(temp.path);
      expect([run.exitCode, run.failed]).toEqual([0, []]);
      expect(run.went).toContain(`blob ${digestOf('other')}`);
      expect(storedDigests(root)).toEqual(KEPT.toSorted());
      expect((await runGc(temp.path)).went).toEqual([]);
      await serve();
      expect((await push('loose')).status).toBe(201);
      expect(existsSync(file('loose'))).toBe(true);
    });

    it('says on a full disk that it needs a little space, loses nothing, and does the rest when there is some', async () => {
      const megabytes = 40;
      await mounted('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', root);
      await leave(...Array.from({ length: 400 }, (_, at) => `loose ${at}`));
      const filler = join(root, 'filler');
      await writeFile(filler, Buffer.alloc(megabytes << 20)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error;
      });
      const { size } = await stat(filler);
      const outcomes = new Set<number>();
      for (let free = 0; free <= 2 << 20; free = free * 2 || 4_096) {
        await truncate(filler, size - free);
        const { exitCode, stderr } = await gc(temp.path);
        outcomes.add(exitCode);
        if (exitCode !== 0) expect(stderr).toMatch(/^stowage: [^\n]*disk[^\n]* (?:is full|fails)[^\n]*\n$/m);
        expect(storedDigests(root)).toEqual(expect.arrayContaining(KEPT));
      }
      expect([...outcomes]).toEqual([1, 0]);
      expect(storedDigests(root)).toEqual(KEPT.toSorted());
      expect(openFences(root)).toEqual([]);
      await rm(filler);
      await serve();
      expect((await registry?.client.send({ path: '/v2/team/app/manifests/v1' }))?.status).toBe(200);
      expect((await push('loose 0')).status).toBe(201);
    });
  },
);

import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '../../src/domain/content/media-type.js';
import { digestOf, errorCodes, type HttpClient } from '../support/http-client.js';
import { needsReference, ReferenceRegistry, REFERENCE_VERSIONS } from '../support/reference-registry.js';
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
import { describeWith } from '../support/tools.js';

const ACCEPT = { accept: `${MEDIA_TYPES.ociManifest}, ${MEDIA_TYPES.ociIndex}` };

/** Everything below the root: what it is, when it was changed, and of files the content. */
function everything(root: string): ReadonlyMap<string, string> {
  const seen = new Map<string, string>([['', `folder ${lstatSync(root).mtimeMs}`]]);
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? readFileSync(path).toString('base64') : 'folder';
    seen.set(path, `${content} ${lstatSync(path).mtimeMs}`);
  }
  return seen;
}

for (const version of REFERENCE_VERSIONS) {
  describeWith(needsReference(version), `serve --trial beside the reference registry ${version}`, () => {
    let temp: TempDir;
    let reference: ReferenceRegistry;
    let trial: RunningRegistry;
    let first: string;
    const second = imageManifest('config', { annotations: { version: 'second' } });

    beforeEach(async () => {
      temp = await makeTempDir();
      reference = await ReferenceRegistry.start(version, temp.path);
      first = await pushImage(reference.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
      await pushImage(reference.client, 'Team.io/app', 'v1', 'config');
      await mkdir(join(temp.path, 'tmp'));
      trial = await startTrial();
    });
    afterEach(async () => {
      await trial.kill9();
      await reference.stop();
      await temp.remove();
    });

    const startTrial = (): Promise<RunningRegistry> =>
      RunningRegistry.start({
        folder: join(temp.path, 'trial'),
        settings: { storage: { filesystem: { rootdirectory: join(temp.path, 'data') } } },
        flags: ['--trial'],
        env: { TMPDIR: join(temp.path, 'tmp') },
      });
    const pulled = async (client: HttpClient, path: string): Promise<unknown> => {
      const { status, body } = await client.send({ path: `/v2/${path}`, headers: ACCEPT });
      // The reference ends lists with a line break.
      return status === 200 ? body.toString().trimEnd() : status;
    };
    const tags = async (repository: string): Promise<unknown> => {
      const { status, body } = await trial.client.send({ path: `/v2/${repository}/tags/list` });
      return status === 200 ? (JSON.parse(body.toString()) as { tags: string[] }).tags : status;
    };

    it('answers pulls as the reference does, and writes nothing into the folder', async () => {
      await trial.stop();
      const before = everything(join(temp.path, 'data'));
      await trial.start();
      const paths = [
        '_catalog',
        'team/app/tags/list',
        'team/app/manifests/v1',
        `team/app/manifests/${digestOf(first)}`,
        `team/app/blobs/${digestOf('layer')}`,
        'Team.io/app/manifests/v1',
        `Team.io/app/blobs/${digestOf('config')}`,
        'team/app/manifests/none',
      ];
      for (const path of paths.slice(1)) {
        expect([path, await pulled(trial.client, path)]).toEqual([
          path,
          await pulled(reference.client, path),
        ]);
      }
      expect(JSON.parse(String(await pulled(trial.client, '_catalog')))).toEqual({
        repositories: ['Team.io/app', 'team/app'],
      });
      expect(await readdir(join(temp.path, 'tmp'))).toEqual([expect.stringMatching(/^stowage-trial-/)]);
      expect(await trial.stop()).toBe(0);
      expect(await readdir(join(temp.path, 'tmp'))).toEqual([]);
      expect(everything(join(temp.path, 'data'))).toEqual(before);
    });

    it('refuses pushes and deletes with a sentence', async () => {
      const requests = [
        ['POST', '/v2/team/app/blobs/uploads/'],
        ['PUT', '/v2/team/app/manifests/v2'],
        ['DELETE', '/v2/team/app/manifests/v1'],
        ['DELETE', `/v2/team/app/blobs/${digestOf('layer')}`],
      ] as const;
      const before = everything(join(temp.path, 'data'));
      for (const [method, path] of requests) {
        const answer = await trial.client.send({ method, path, body: method === 'PUT' ? second : '' });
        expect([answer.status, errorCodes(answer)]).toEqual([405, ['UNSUPPORTED']]);
        expect(answer.body.toString()).toContain('this is a trial');
      }
      expect(everything(join(temp.path, 'data'))).toEqual(before);
    });

    it('sees what is pushed, retagged and deleted there meanwhile', async () => {
      const { client } = reference;
      expect(await pulled(trial.client, 'team/app/manifests/v1')).toBe(first);
      await putManifest(client, 'team/app', 'v1', second);
      expect(await pulled(trial.client, 'team/app/manifests/v1')).toBe(second);
      await putManifest(client, 'team/app', 'v1', first);
      expect(await pulled(trial.client, 'team/app/manifests/v1')).toBe(first);

      await pushBlob(client, 'team/app', 'another layer');
      expect(await pulled(trial.client, `team/app/blobs/${digestOf('another layer')}`)).toBe('another layer');
      await pushImage(client, 'new/app', 'v1', 'new config');
      expect(await tags('new/app')).toEqual(['v1']);

      const list = indexManifest([first]);
      await putManifest(client, 'team/app', 'list', list, MEDIA_TYPES.ociIndex);
      expect(await tags('team/app')).toEqual(['list', 'v1']);
      for (const manifest of [first, list]) {
        const path = `/v2/team/app/manifests/${digestOf(manifest)}`;
        expect((await client.send({ method: 'DELETE', path })).status).toBe(202);
      }
      expect(await pulled(trial.client, 'team/app/manifests/v1')).toBe(404);
      expect(await pulled(trial.client, `team/app/manifests/${digestOf(first)}`)).toBe(404);
      expect(await tags('team/app')).toEqual([]);
      await client.send({ method: 'DELETE', path: `/v2/team/app/blobs/${digestOf('layer')}` });
      expect(await pulled(trial.client, `team/app/blobs/${digestOf('layer')}`)).toBe(404);
    });
  });
}

describeWith(needsReference('2.8.2'), 'a trial whose database is kept', () => {
  it('leaves nothing behind that a later registry would write into the folder', async () => {
    const temp = await makeTempDir();
    const reference = await ReferenceRegistry.start('2.8.2', temp.path);
    const serve = (flags: readonly string[]): Promise<RunningRegistry> =>
      RunningRegistry.start({
        folder: join(temp.path, 'own'),
        settings: {
          storage: { filesystem: { rootdirectory: join(temp.path, 'data') } },
          metadata: { sqlite: { path: join(temp.path, 'names.db') } },
        },
        flags,
      });
    const path = '/v2/app/manifests/v1';
    try {
      const manifest = await pushImage(reference.client, 'app', 'v1', 'config');
      const trial = await serve(['--trial']);
      const deleted = `/v2/app/manifests/${digestOf(manifest)}`;
      expect((await reference.client.send({ method: 'DELETE', path: deleted })).status).toBe(202);
      expect((await trial.client.send({ path })).status).toBe(404);
      await trial.stop();
      await putManifest(reference.client, 'app', 'v1', manifest);
      await reference.stop();
      const registry = await serve([]);
      const { body } = await registry.client.send({ path });
      await registry.stop();
      expect(body.toString()).toBe(manifest);
    } finally {
      await reference.stop();
      await temp.remove();
    }
  });
});

describe('serve --trial', () => {
  let temp: TempDir;
  beforeEach(async () => {
    temp = await makeTempDir();
  });
  afterEach(() => temp.remove());

  const serve = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    runProgram(process.execPath, [PROGRAM, 'serve', '--trial', '--addr', '127.0.0.1:0', ...words], {
      cwd: temp.path,
      env,
      timeout: 20_000,
    });

  it('says that there is nothing to try in an empty folder, and in memory', async () => {
    const empty = await serve(['--root', join(temp.path, 'nothing')]);
    expect([empty.exitCode, empty.stderr]).toEqual([
      1,
      expect.stringMatching(/no registry has stored anything in/),
    ]);
    expect(await readdir(temp.path)).toEqual([]);
    const memory = await serve([], { REGISTRY_STORAGE: 'inmemory' });
    expect([memory.exitCode, memory.stderr]).toEqual([
      1,
      expect.stringContaining('not for storage in memory'),
    ]);
  });

  it('runs beside a registry of its own kind, but never on the database of that', async () => {
    const path = join(temp.path, 'names.db');
    const owner = await RunningRegistry.start({
      folder: join(temp.path, 'owner'),
      settings: { metadata: { sqlite: { path } } },
    });
    try {
      const manifest = await pushImage(owner.client, 'app', 'v1', 'config');
      const data = join(temp.path, 'owner/data');
      const refused = await serve(['--root', data], { REGISTRY_METADATA_SQLITE_PATH: path });
      expect([refused.exitCode, refused.stderr]).toEqual([
        1,
        expect.stringContaining('the database of the registry that the content belongs to'),
      ]);
      const trial = await RunningRegistry.start({
        folder: join(temp.path, 'trial'),
        settings: { storage: { filesystem: { rootdirectory: data } } },
        flags: ['--trial'],
      });
      try {
        const { body } = await trial.client.send({ path: '/v2/app/manifests/v1' });
        expect(body.toString()).toBe(manifest);
      } finally {
        await trial.stop();
      }
    } finally {
      await owner.stop();
    }
  });
});

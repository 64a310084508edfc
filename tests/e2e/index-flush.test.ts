import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pushImage, putManifest, imageManifest } from '../support/registry-actions.js';
import { runProgram, type Ended } from '../support/run-program.js';
import { PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

/** What the folder alone tells after a registry was killed, and what a start makes of a folder that is not there. */
describe('a registry that was killed', () => {
  let temp: TempDir;
  let registry: RunningRegistry;

  beforeEach(async () => {
    temp = await makeTempDir();
    const database = join(temp.path, 'database', 'metadata.db');
    registry = await RunningRegistry.start({
      folder: temp.path,
      settings: { metadata: { sqlite: { path: database } } },
    });
    await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    await putManifest(registry.client, 'team/app', 'v2', imageManifest('config', { layers: ['layer'] }));
  });
  afterEach(async () => {
    await registry.kill9();
    await temp.remove();
  });

  const run = (...words: readonly string[]): Promise<Ended> =>
    runProgram(process.execPath, [PROGRAM, ...words, join(temp.path, 'config.yml')], {
      cwd: temp.path,
    });

  it('is finished by index flush, once', async () => {
    await registry.kill9();
    const first = await run('index', 'flush');
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    const again = await run('index', 'flush', '--json');
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({ written: 0, left: 0, changedElsewhere: [], shared: false });
    const link = 'data/docker/registry/v2/repositories/team/app/_manifests/tags/v2/current/link';
    expect(await readFile(join(temp.path, link), 'utf8')).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await run('index', 'verify')).toMatchObject({ exitCode: 0 });
  });

  it('leaves to a running one what is its own', async () => {
    const flushed = await run('index', 'flush', '--json');
    expect(JSON.parse(flushed.stdout)).toMatchObject({ written: 0, shared: true });
  });

  it('loses nothing when its folder is not mounted at the next start', async () => {
    await registry.stop();
    await rename(join(temp.path, 'data'), join(temp.path, 'unmounted'));
    await mkdir(join(temp.path, 'data'));
    const refused = await run('serve');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/knows repositories \(team\/app is the first\).*is its disk mounted\?/);
    await rename(join(temp.path, 'unmounted'), join(temp.path, 'data.tmp'));
    await rename(join(temp.path, 'data'), join(temp.path, 'empty'));
    await rename(join(temp.path, 'data.tmp'), join(temp.path, 'data'));
    await registry.restart();
    const tags = await registry.client.send({ method: 'GET', path: '/v2/team/app/tags/list' });
    expect(JSON.parse(tags.body.toString())).toEqual({ name: 'team/app', tags: ['v1', 'v2'] });
  });
});

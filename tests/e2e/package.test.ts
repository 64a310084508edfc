import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pushBlob } from '../support/registry-actions.js';
import { runProgram, succeed } from '../support/run-program.js';
import { RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

const PROJECT = join(import.meta.dirname, '../..');

describe('the package', () => {
  let temp: TempDir;
  let bin: string;

  /**
   * Unpacked as npm does it, with the dependencies that are here already: tests download nothing. Who does not store in
   * S3 needs nothing of AWS.
   */
  beforeAll(async () => {
    temp = await makeTempDir();
    const packed = await succeed(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', temp.path],
      {
        cwd: PROJECT,
      },
    );
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    const modules = join(temp.path, 'node_modules');
    const home = join(modules, 'stowage');
    await mkdir(home, { recursive: true });
    await mkdir(join(modules, '.bin'));
    await succeed('tar', ['-xzf', join(temp.path, filename), '-C', home, '--strip-components=1']);
    for (const name of await readdir(join(PROJECT, 'node_modules'))) {
      if (!/^(\.|@aws-sdk$|@smithy$)/.test(name))
        await symlink(resolve(PROJECT, 'node_modules', name), join(modules, name));
    }
    bin = join(modules, '.bin', 'stowage');
    await symlink('../stowage/dist/main.js', bin);
  });
  afterAll(() => temp.remove());

  it('holds the program and what describes it', async () => {
    const home = join(temp.path, 'node_modules', 'stowage');
    expect((await readdir(home)).toSorted()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
  });

  it('brings a command that runs by its name', async () => {
    const { stdout, exitCode } = await runProgram(bin, ['version'], { cwd: temp.path });
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^stowage \d+\.\d+\.\d+\n$/)]);
  });

  it('serves by that command', async () => {
    // Whatever program the tests run otherwise, it is this one.
    const runner = ['sh', '-c', 'shift; exec "$STOWAGE_BIN" "$@"', 'sh'];
    const registry = await RunningRegistry.start({
      folder: join(temp.path, 'registry'),
      runner,
      env: { STOWAGE_BIN: bin },
    });
    const digest = await pushBlob(registry.client, 'app', 'content');
    expect((await registry.client.send({ path: `/v2/app/blobs/${digest}` })).status).toBe(200);
    expect(await registry.stop()).toBe(0);
  });
});

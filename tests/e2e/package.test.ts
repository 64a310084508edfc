import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pushBlob } from '../support/registry-actions.js';
import { runProgram, succeed } from '../support/run-program.js';
import { RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

const PROJECT = join(import.meta.dirname, '../..');

/** Where `npm install` puts what the program needs, from the lock file; nothing that only building and testing need. */
async function productionModules(): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(PROJECT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  const paths = Object.entries(packages).flatMap(([path, { dev }]) => (path === '' || dev ? [] : [path]));
  // What is nested in another package comes with it.
  return paths.filter((path) => path.lastIndexOf('node_modules/') === 0);
}

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
    for (const path of await productionModules()) {
      if (/^node_modules\/(@aws-sdk|@smithy)\//.test(path)) continue;
      await mkdir(dirname(join(temp.path, path)), { recursive: true });
      await symlink(join(PROJECT, path), join(temp.path, path));
    }
    bin = join(modules, '.bin', 'stowage');
    await symlink('../stowage/dist/main.js', bin);
  });
  afterAll(() => temp.remove());

  it('holds the program, what describes it, and what runs it as a service', async () => {
    const home = join(temp.path, 'node_modules', 'stowage');
    const files = await readdir(home, { recursive: true });
    expect(files.filter((path) => !path.startsWith('dist/')).toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'deploy',
      'deploy/grafana',
      'deploy/grafana/stowage.json',
      'deploy/systemd',
      'deploy/systemd/stowage.service',
      'dist',
      'package.json',
    ]);
    expect(files.filter((path) => path.endsWith('.ts') || path.includes('test'))).toEqual([]);
    expect(JSON.parse(await readFile(join(home, 'package.json'), 'utf8'))).toMatchObject({
      engines: { node: '>=20.19' },
      bin: { stowage: 'dist/main.js' },
    });
  });

  it('brings a command that runs by its name', async () => {
    const { stdout, exitCode } = await runProgram(bin, ['version'], { cwd: temp.path });
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^stowage \d+\.\d+\.\d+\n$/)]);
  });

  it('answers what needs no registry without a package, SQLite neither', async () => {
    const home = join(temp.path, 'node_modules', 'stowage');
    const alone = join(temp.path, 'alone');
    await cp(join(home, 'dist'), join(alone, 'dist'), { recursive: true });
    await cp(join(home, 'package.json'), join(alone, 'package.json'));
    for (const words of [['--version'], ['--help'], ['serve', '--help'], ['config', 'show', '--default']]) {
      const { exitCode, stderr } = await runProgram(process.execPath, [
        join(alone, 'dist', 'main.js'),
        ...words,
      ]);
      expect([words, exitCode, stderr]).toEqual([words, 0, '']);
    }
  });

  it.each(['--version', 'serve'])(
    'brings what V8 compiled of it, which this Node takes: %s',
    async (word) => {
      const main = join(temp.path, 'node_modules', 'stowage', 'dist', 'main.js');
      const print = `process.argv = [process.execPath, main, word, '--help'];
      const { cachedDataRejected } = require(main);
      process.on('exit', () => console.log(JSON.stringify({ cachedDataRejected })));`;
      const { stdout } = await runProgram(process.execPath, [
        '--eval',
        `const [, main, word] = process.argv; ${print}`,
        main,
        word,
      ]);
      expect(stdout.trim().split('\n').at(-1)).toBe('{"cachedDataRejected":false}');
    },
  );

  it('runs where what V8 compiled does not fit', async () => {
    const { stdout, exitCode } = await runProgram(process.execPath, ['--no-opt', bin, 'version'], {
      cwd: temp.path,
    });
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

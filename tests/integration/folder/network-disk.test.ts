import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../support/http-client.js';
import { pushImage } from '../../support/registry-actions.js';
import { runProgram, type Ended } from '../../support/run-program.js';
import { freePort } from '../../support/start-registry.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

const HOOKS = join(import.meta.dirname, '../../support/typescript-workers.mjs');
const PROGRAM = join(import.meta.dirname, 'serving-process.ts');

describe('a registry whose database lies on a network file system', () => {
  let temp: TempDir;
  let root: string;
  let child: ChildProcess | undefined;
  let client: HttpClient;
  const lines: string[] = [];
  beforeEach(async () => {
    temp = await makeTempDir();
    root = join(temp.path, 'root');
  });
  afterEach(async () => {
    await end('SIGKILL');
    await temp.remove();
  });

  const words = (port: number): string[] => [
    '--import',
    HOOKS,
    PROGRAM,
    'serve',
    '--root',
    root,
    '--addr',
    `127.0.0.1:${port}`,
  ];
  const serve = async (): Promise<void> => {
    const port = await freePort();
    const started = spawn(process.execPath, words(port), {
      cwd: temp.path,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    client = new HttpClient(port);
    const reader = createInterface({ input: started.stdout });
    reader.on('line', (line) => lines.push(line));
    // Others may come before it, as of links that a killed process has left.
    await new Promise<void>((resolve) => {
      reader.on('line', (line) => line.startsWith('Stowage listens on ') && resolve());
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child === undefined) return null;
    const ended = child;
    child = undefined;
    client.close();
    const exit = once(ended, 'exit');
    ended.kill(signal);
    await exit;
    return ended.exitCode;
  };
  const tryToServe = async (): Promise<Ended> =>
    runProgram(process.execPath, words(await freePort()), { cwd: temp.path, timeout: 20_000 });

  it('serves alone: a second process is told why, and what would allow it', async () => {
    await serve();
    await pushImage(client, 'app', 'v1', 'config', { layers: ['layer'] });
    expect(existsSync(join(root, 'stowage', 'metadata.db-shm'))).toBe(false);
    const { exitCode, stdout, stderr } = await tryToServe();
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^stowage: the folder \S+ is in use by `stowage serve` on host .*; stop it first: .* on NFS, .*metadata\.sqlite\.path[^\n]*\n$/,
    );
    expect((await client.send({ path: '/v2/app/manifests/v1' })).status).toBe(200);
    expect(await end('SIGTERM')).toBe(0);
  });

  it('is taken over at once when it is killed, and has lost nothing', async () => {
    await serve();
    await pushImage(client, 'app', 'v1', 'config', { layers: ['layer'] });
    await end('SIGKILL');
    await serve();
    expect((await client.send({ path: '/v2/app/manifests/v1' })).status).toBe(200);
    expect(await end('SIGTERM')).toBe(0);
  });

  it('says in its log that it is alone', async () => {
    await serve();
    await end('SIGTERM');
    expect(lines.join('\n')).toMatch(/lies on NFS: no second process can use it/);
  });
});

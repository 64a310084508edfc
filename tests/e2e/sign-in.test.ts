import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpClient } from '../support/http-client.js';
import { ensureImages, IMAGE_TOOLS } from '../support/images.js';
import { OciLayout } from '../support/oci-layout.js';
import { addUser, stowageWithInput } from '../support/htpasswd-users.js';
import { runProgram, succeed } from '../support/run-program.js';
import { freePort, PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith, tool } from '../support/tools.js';

const PASSWORD = 'correct:horse battery';
const PATIENCE_MS = 20_000;

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const settingsFor = (path: string, debugPort = 0) => ({
  log: { level: 'info', formatter: 'json', accesslog: { disabled: false } },
  auth: { htpasswd: { realm: 'Test "images"', path } },
  ...(debugPort === 0
    ? {}
    : { http: { debug: { addr: `127.0.0.1:${debugPort}`, prometheus: { enabled: true } } } }),
});

describe('stowage htpasswd', () => {
  let temp: TempDir;
  beforeAll(async () => {
    temp = await makeTempDir();
  });
  afterAll(() => temp.remove());

  it('makes a file, tries a password, changes it and removes the user', async () => {
    const file = join(temp.path, 'users');
    await addUser(file, 'alice', PASSWORD);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const verify = (password: string) =>
      stowageWithInput(`${password}\n`, 'htpasswd', 'verify', file, 'alice', '--password-stdin');
    expect((await verify(PASSWORD)).exitCode).toBe(0);
    expect((await verify('wrong')).exitCode).toBe(1);
    await addUser(file, 'alice', 'another');
    expect((await verify('another')).exitCode).toBe(0);
    expect((await stowageWithInput('', 'htpasswd', 'remove', file, 'alice')).exitCode).toBe(0);
    expect(await readFile(file, 'utf8')).toBe('');
  });

  it('asks nobody where there is no terminal', async () => {
    const { exitCode, stderr } = await stowageWithInput(
      '',
      'htpasswd',
      'add',
      join(temp.path, 'no'),
      'alice',
    );
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/^stowage: [^\n]*--password-stdin[^\n]*\n$/),
    ]);
  });

  it.each([
    [
      'is missing',
      undefined,
      /auth\.htpasswd\.path \(\S+config\.yml:1\): \S+ does not exist\. .*: stowage htpasswd add \S+ <user>\n$/,
    ],
    [
      'has a broken line',
      'alice:$2y$\nbroken\n',
      /auth\.htpasswd\.path \(\S+config\.yml:1\): line 2 of \S+ is broken: [^\n]*\n$/,
    ],
  ])('is what a start needs that is refused because its file %s', async (_what, content, sentence) => {
    const file = join(temp.path, content === undefined ? 'missing' : 'broken');
    if (content !== undefined) await writeFile(file, content);
    const config = join(temp.path, 'config.yml');
    const settings = { version: '0.1', storage: { inmemory: {} }, ...settingsFor(file) };
    await writeFile(config, JSON.stringify({ ...settings, http: { addr: `127.0.0.1:${await freePort()}` } }));
    const { exitCode, stderr } = await runProgram(process.execPath, [PROGRAM, 'serve', config]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(sentence)]);
    expect(stderr.split('\n')).toHaveLength(2);
  });
});

/** Runs a command on a terminal and types each answer when its question is there. @returns all that was shown */
async function typed(command: string, answers: readonly (readonly [string, string])[]): Promise<string> {
  const child = spawn(tool('script'), ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const left = [...answers];
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    const [next] = left;
    if (next === undefined || !shown.includes(next[0])) return;
    left.shift();
    child.stdin.write(next[1]);
  });
  await once(child, 'close');
  expect(left).toEqual([]);
  return shown;
}

describeWith({ tools: ['script'] }, 'stowage htpasswd on a terminal', () => {
  it('asks for the password and shows nothing of it', async () => {
    const temp = await makeTempDir();
    const file = join(temp.path, 'users');
    const add = `'${process.execPath}' '${PROGRAM}' htpasswd add '${file}' alice`;
    const shown = await typed(add, [
      ['New password for alice: ', 'hunter2\r'],
      ['The same again: ', 'hunter2\r'],
    ]);
    expect(shown).toContain('alice was added to');
    expect(shown).not.toContain('hunter2');
    const verify = await stowageWithInput('hunter2', 'htpasswd', 'verify', file, 'alice', '--password-stdin');
    expect(verify.exitCode).toBe(0);
    await temp.remove();
  });
});

describeWith({ tools: [...IMAGE_TOOLS, 'crane', 'oras', 'regctl'] }, 'signing in', () => {
  let temp: TempDir;
  let users: string;
  let images: string;
  let registry: RunningRegistry;
  let debug: HttpClient;

  beforeAll(async () => {
    images = await ensureImages();
    temp = await makeTempDir();
    users = join(temp.path, 'users');
    await addUser(users, 'alice', PASSWORD);
    await writeFile(users, `${await readFile(users, 'utf8')}old:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=\n`);
    const port = await freePort();
    let debugPort = port;
    while (debugPort === port) debugPort = await freePort();
    debug = new HttpClient(debugPort);
    const folder = join(temp.path, 'registry');
    registry = await RunningRegistry.start({ folder, port, settings: settingsFor(users, debugPort) });
  });
  afterAll(async () => {
    debug.close();
    await registry.stop();
    await temp.remove();
  });

  const layout = (image: string): OciLayout => new OciLayout(join(images, image));
  const statusAs = async (user: string, password: string): Promise<number> => {
    const headers = { authorization: basic(user, password) };
    return (await registry.client.send({ path: '/v2/', headers })).status;
  };
  const until = async (user: string, password: string, status: number): Promise<void> => {
    const deadline = performance.now() + PATIENCE_MS;
    while ((await statusAs(user, password)) !== status) {
      if (performance.now() > deadline) throw new Error(`${user} is never answered with ${status}`);
      await sleep(200);
    }
  };

  it('works with crane: login, push, pull, mount, delete; and not with a wrong password', async () => {
    const env = { DOCKER_CONFIG: join(temp.path, 'crane') };
    const run = (...args: string[]) => runProgram(tool('crane'), [...args, '--insecure'], { env });
    const ok = async (...args: string[]) => expect(await run(...args)).toMatchObject({ exitCode: 0 });
    const ref = (name: string) => `${registry.host}/crane/${name}`;
    await mkdir(env.DOCKER_CONFIG);
    const { exitCode, stderr } = await run('push', layout('busybox').folder, ref('a:1'));
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('401 Unauthorized')]);
    await ok('auth', 'login', registry.host, '-u', 'alice', '-p', PASSWORD);
    await ok('push', layout('busybox').folder, ref('a:1'));
    await ok('pull', '--format', 'oci', ref('a:1'), join(temp.path, 'crane-back'));
    await ok('copy', ref('a:1'), ref('b:1'));
    await ok('catalog', registry.host);
    const digest = (await run('digest', ref('a:1'))).stdout.trim();
    await ok('delete', ref(`a@${digest}`));
    await ok('auth', 'login', registry.host, '-u', 'alice', '-p', 'wrong');
    expect((await run('manifest', ref('b:1'))).stderr).toContain('UNAUTHORIZED');
    const sent = await layout('busybox').verifiedDigests('1');
    expect(await new OciLayout(join(temp.path, 'crane-back')).verifiedDigests()).toEqual(sent);
  });

  it('works with skopeo: login, push, pull, delete, logout', async () => {
    const auth = ['--authfile', join(temp.path, 'skopeo.json')];
    const run = (command: string, ...args: string[]) =>
      runProgram(tool('skopeo'), ['--insecure-policy', command, ...auth, ...args]);
    const ok = async (...args: [string, ...string[]]) =>
      expect(await run(...args)).toMatchObject({ exitCode: 0 });
    const remote = `docker://${registry.host}/skopeo/a:1`;
    const login = ['--tls-verify=false', '-u', 'alice', registry.host] as const;
    expect((await run('login', '-p', 'wrong', ...login)).exitCode).not.toBe(0);
    await ok('login', '-p', PASSWORD, ...login);
    await ok('copy', '--dest-tls-verify=false', `oci:${layout('busybox').folder}:1`, remote);
    await ok('copy', '--src-tls-verify=false', remote, `oci:${join(temp.path, 'skopeo-back')}:1`);
    await ok('delete', '--tls-verify=false', remote);
    await ok('logout', registry.host);
    const { exitCode, stderr } = await run('list-tags', '--tls-verify=false', remote.replace(/:1$/, ''));
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/unauthorized|authentication required/i)]);
  });

  it('works with oras: login, push, mount, delete', async () => {
    const env = { DOCKER_CONFIG: join(temp.path, 'oras') };
    const run = (...args: string[]) => runProgram(tool('oras'), args, { cwd: temp.path, env });
    const ok = async (...args: string[]) => expect(await run(...args)).toMatchObject({ exitCode: 0 });
    const ref = (name: string) => `${registry.host}/oras/${name}`;
    await ok('login', '--plain-http', '-u', 'alice', '-p', PASSWORD, registry.host);
    await writeFile(join(temp.path, 'report.txt'), 'all is well');
    await ok('push', '--plain-http', ref('a:1'), 'report.txt:text/plain');
    await ok('cp', '--from-plain-http', '--to-plain-http', ref('a:1'), ref('b:1'));
    await ok('manifest', 'delete', '--plain-http', '--force', ref('b:1'));
    await ok('logout', registry.host);
    expect((await run('pull', '--plain-http', ref('a:1'))).exitCode).not.toBe(0);
  });

  it('works with regctl: login, push, delete of a tag', async () => {
    const env = { REGCTL_CONFIG: join(temp.path, 'regctl.json') };
    const ok = async (...args: string[]) =>
      expect(await runProgram(tool('regctl'), args, { env })).toMatchObject({ exitCode: 0 });
    await ok('registry', 'set', '--skip-check', '--tls', 'disabled', registry.host);
    await ok('registry', 'login', registry.host, '-u', 'alice', '-p', PASSWORD);
    await ok('image', 'copy', `ocidir://${layout('busybox').folder}:1`, `${registry.host}/regctl/a:1`);
    await ok('tag', 'rm', `${registry.host}/regctl/a:1`);
  });

  it('follows the file while it serves', async () => {
    expect(await statusAs('bob', 'builder')).toBe(401);
    await addUser(users, 'bob', 'builder');
    await until('bob', 'builder', 200);
    await writeFile(users, `${await readFile(users, 'utf8')}broken\n`);
    await until('alice', PASSWORD, 200);
    await succeed('sed', ['-i', '/^broken$/d', users]);
    await stowageWithInput('', 'htpasswd', 'remove', users, 'bob');
    await until('bob', 'builder', 401);
    expect(await statusAs('alice', PASSWORD)).toBe(200);
  });

  it('is told in the log and in metrics, without any password', async () => {
    await registry.client.send({ path: '/v2/', headers: { authorization: basic('alice', 'hunter2') } });
    await registry.client.send({ path: '/v2/', headers: { authorization: basic('alice', PASSWORD) } });
    const { body } = await debug.send({ path: '/metrics' });
    expect(body.toString()).toMatch(/^stowage_logins_total\{outcome="accepted"\} [1-9]/m);
    expect(body.toString()).toMatch(/^stowage_logins_total\{outcome="refused"\} [1-9]/m);
    await registry.restart();
    const log = registry.lines.join('\n');
    expect(log).toMatch(/"message":"request".*"path":"\/v2\/","status":200,.*"user":"alice"/);
    expect(log).toContain('"message":"a login failed","address":"127.0.0.1","user":"alice"');
    expect(log).toContain('old cannot sign in: the password is hashed by SHA-1');
    for (const secret of [PASSWORD, 'hunter2', 'builder', '$2y$', basic('alice', PASSWORD).slice(6)]) {
      expect(log).not.toContain(secret);
    }
  });
});

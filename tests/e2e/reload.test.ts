import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventEndpoint } from '../support/event-endpoint.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { runProgram, succeed, type Ended } from '../support/run-program.js';
import { freePort, PROGRAM, type Settings, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith, tool } from '../support/tools.js';

const PATIENCE = { timeout: 20_000, interval: 20 };
const INFO: Settings = { log: { level: 'info', accesslog: { disabled: true } } };
const KEPT = 'configuration was not reloaded: the one before stays in force';

let temp: TempDir;
const registries: RunningRegistry[] = [];

beforeEach(async () => {
  temp = await makeTempDir();
});
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.kill9();
  await temp.remove();
});

const config = (): string => join(temp.path, 'config.yml');
const stowage = (...words: readonly string[]): Promise<Ended> =>
  runProgram(process.execPath, [PROGRAM, ...words], { cwd: temp.path, timeout: 100_000 });
const reload = (...words: readonly string[]): Promise<Ended> =>
  stowage('config', 'reload', 'config.yml', ...words);

async function serve(settings: Settings = INFO, env = {}): Promise<RunningRegistry> {
  const registry = await RunningRegistry.start({ folder: temp.path, settings, env });
  registries.push(registry);
  return registry;
}

/** Changes the file section by section. */
async function change(sections: Settings): Promise<void> {
  const before = JSON.parse(await readFile(config(), 'utf8')) as Record<string, object>;
  const after = Object.entries(sections).map(([name, section]) => [name, { ...before[name], ...section }]);
  await writeFile(config(), JSON.stringify({ ...before, ...Object.fromEntries(after) }, undefined, 2));
}

describe('SIGHUP', () => {
  it('lets another endpoint be told from then on', async () => {
    const [first, second] = [await EventEndpoint.start(), await EventEndpoint.start()];
    try {
      const registry = await serve(INFO);
      const to = ({ url }: EventEndpoint) => ({ notifications: { endpoints: [{ name: url, url }] } });
      const isTold = async (endpoint: EventEndpoint, repository: string): Promise<void> => {
        await change(to(endpoint));
        registry.signal('SIGHUP');
        // The change is made a little later than the line that tells of it.
        for (let at = 0; endpoint.events.length === 0; at += 1) {
          await pushBlob(registry.client, repository, `${repository} ${at}`);
          await sleep(50);
        }
        expect(endpoint.events[0]?.target.repository).toBe(repository);
      };
      await isTold(first, 'one');
      await isTold(second, 'two');
      const before = first.events.length;
      await pushBlob(registry.client, 'three', 'three');
      await second.until('it is told of the last push', () =>
        second.events.some(({ target }) => target.repository === 'three'),
      );
      expect(first.events.slice(before)).toEqual([]);
    } finally {
      for (const endpoint of [first, second]) await endpoint.stop();
    }
  });

  it('lets a running registry take what can change at once, and name what cannot', async () => {
    const registry = await serve({ log: { level: 'warn', accesslog: { disabled: true } } });
    await change({
      log: { level: 'info', accesslog: { disabled: false }, fields: { zone: 'b' } },
      http: { addr: '127.0.0.1:1', prefix: '/x/' },
    });
    registry.signal('SIGHUP');
    expect(JSON.parse(await registry.says('changed keys need a restart'))).toMatchObject({
      level: 'warn',
      keys: ['http.addr', 'http.prefix'],
      zone: 'b',
    });
    expect(JSON.parse(await registry.says('configuration was reloaded'))).toMatchObject({
      level: 'info',
      changed: ['log.level', 'log.fields', 'log.accesslog.disabled'],
    });
    await registry.client.send({ path: '/v2/seen' });
    expect(JSON.parse(await registry.says('"path":"/v2/seen"'))).toMatchObject({ zone: 'b' });

    await change({ log: { level: 'error', accesslog: { disabled: true } } });
    expect((await reload()).exitCode).toBe(0);
    await registry.client.send({ path: '/v2/unseen' });
    await writeFile(config(), 'version: 0.1\nlog: {level: loud}\n');
    registry.signal('SIGHUP');
    await registry.says(KEPT);
    expect(registry.lines.join('\n')).not.toContain('/v2/unseen');
  });

  it('keeps the old state when the file is broken, and says where', async () => {
    const registry = await serve();
    await writeFile(config(), 'version: 0.1\nstorage: {inmemory: {}}\nhttp:\n  draintimeout: soon\n');
    registry.signal('SIGHUP');
    const line = JSON.parse(await registry.says(KEPT)) as { level: string; reason: string };
    expect(line.level).toBe('error');
    expect(line.reason).toMatch(/^http\.draintimeout \(\S*config\.yml:4\) must be a duration/);
    await pushImage(registry.client, 'app', 'v1', 'config');
  });

  it('is taken under its old name too: loglevel', async () => {
    const registry = await serve();
    const { log: _log, ...others } = JSON.parse(await readFile(config(), 'utf8')) as Record<string, object>;
    await writeFile(config(), JSON.stringify({ ...others, loglevel: 'warn' }));
    expect((await reload()).stdout).toMatch(/has taken: log\.level, log\.accesslog\.disabled, loglevel\.\n$/);
    registry.signal('SIGHUP');
    await succeed('sed', ['-i', 's/warn/debug/', config()]);
    registry.signal('SIGHUP');
    await registry.says('"changed":["log.level","loglevel"]');
  });

  it('never ends a registry that starts, which has the newest configuration when it serves', async () => {
    const registry = await serve();
    await registry.kill9();
    const starting = registry.start();
    const catches = async (): Promise<boolean> => {
      const status = await readFile(`/proc/${registry.pid}/status`, 'utf8');
      const caught = /^SigCgt:\s+(\w+)$/m.exec(status)?.[1] ?? '0';
      return (BigInt(`0x${caught}`) & 1n) === 1n;
    };
    await vi.waitFor(async () => expect(await catches()).toBe(true), { timeout: 20_000, interval: 1 });
    const hangups = setInterval(() => registry.signal('SIGHUP'), 5);
    await starting.finally(() => clearInterval(hangups));
    await registry.says('configuration was reloaded');
    expect(await registry.stop()).toBe(0);
  });

  it('changes how long a stop waits', async () => {
    const port = await freePort();
    const http = { addr: `127.0.0.1:${port}`, draintimeout: '1h' };
    const registry = await RunningRegistry.start({ folder: temp.path, port, settings: { ...INFO, http } });
    registries.push(registry);
    const { headers } = await registry.client.send({ method: 'POST', path: '/v2/a/blobs/uploads/' });
    const upload = connect(port, '127.0.0.1');
    upload.on('error', () => undefined);
    upload.write(`PATCH ${headers.location} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf`);
    await pushBlob(registry.client, 'a', 'what comes later');
    await change({ http: { draintimeout: 0 } });
    expect((await reload()).stdout).toContain('has taken: http.draintimeout.');
    expect(await registry.stop()).toBe(0);
    expect(registry.lines.join('\n')).toContain('requests were cut at the end of the drain');
  });
});

describe('stowage config reload', () => {
  it('says what has changed and what needs a restart, for people and for programs', async () => {
    const registry = await serve();
    const who = `process ${registry.pid}`;
    expect(await reload()).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `${who} has read its configuration and files again; no key that it can take has changed.\n`,
    });
    await change({ http: { headers: { 'X-Zone': ['b'] }, prefix: '/x/' }, gc: { grace: '1h' } });
    expect(await reload()).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `${who} has taken: http.headers.\n${who} needs a restart for: gc.grace, http.prefix.\n`,
    });
    expect((await registry.client.send({ path: '/v2/' })).headers['x-zone']).toBe('b');
    const { exitCode, stdout } = await reload('--json');
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      0,
      {
        problems: [],
        processes: [
          expect.objectContaining({
            pid: registry.pid,
            outcome: 'reloaded',
            changed: [],
            restart: ['gc.grace', 'http.prefix'],
          }),
        ],
      },
    ]);
    expect(await readdir(join(temp.path, 'data/stowage/instances'))).toHaveLength(2);
  });

  it('says itself what is wrong with the configuration, and asks nobody', async () => {
    const registry = await serve();
    await change({ log: { level: 'loud' } });
    const { exitCode, stderr } = await reload();
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/^stowage: log\.level \(config\.yml:\d+\) [^\n]*\n$/),
    ]);
    const json = await reload('--json');
    expect([json.exitCode, JSON.parse(json.stdout)]).toEqual([
      2,
      { processes: [], problems: [expect.stringContaining('log.level')] },
    ]);
    expect(registry.lines.join('\n')).not.toContain(KEPT);
  });

  it('passes on why the registry refuses', async () => {
    const registry = await serve();
    await writeFile(config(), 'version: 0.1\nhttp: {colour: red}\n');
    const other = `version: 0.1\nstorage: {filesystem: {rootdirectory: ${join(temp.path, 'data')}}}\n`;
    await writeFile(join(temp.path, 'other.yml'), other);
    const { exitCode, stdout, stderr } = await stowage('config', 'reload', 'other.yml');
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`stowage: process ${registry.pid} keeps the configuration that it had:`);
    expect(stderr).toMatch(/http\.colour \(\S*config\.yml:2\) is no key of the configuration\./);
    await registry.says(KEPT);
  });

  it('says so when no registry serves the folder, also after one was killed', async () => {
    const registry = await serve();
    await registry.kill9();
    const { exitCode, stderr } = await reload();
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^stowage: no registry [^\n]*\/data\. [^\n]*\n$/),
    ]);
    await writeFile(join(temp.path, 'memory.yml'), 'version: 0.1\nstorage: inmemory\n');
    const inMemory = await stowage('config', 'reload', 'memory.yml');
    expect([inMemory.exitCode, inMemory.stderr]).toEqual([1, expect.stringContaining('Send SIGHUP')]);
  });

  it('asks every registry that shares the folder', async () => {
    const root = join(temp.path, 'data');
    const settings = { ...INFO, storage: { filesystem: { rootdirectory: root } } };
    const one = await serve(settings);
    const two = await RunningRegistry.start({ folder: join(temp.path, 'two'), settings });
    registries.push(two);
    const { exitCode, stdout } = await reload('--json');
    const { processes } = JSON.parse(stdout) as { processes: { pid: number }[] };
    expect([exitCode, new Set(processes.map(({ pid }) => pid))]).toEqual([0, new Set([one.pid, two.pid])]);
  });

  it('lets users sign in at once who were added, and none who were removed', async () => {
    const users = join(temp.path, 'users');
    const edit = async (...words: readonly string[]): Promise<void> => {
      await succeed('sh', [
        '-c',
        `echo secret | '${process.execPath}' '${PROGRAM}' htpasswd ${words.join(' ')}`,
      ]);
    };
    await edit('add', users, 'alice', '--password-stdin', '--cost', '8');
    const registry = await serve({ ...INFO, auth: { htpasswd: { realm: 'Test', path: users } } });
    const statusOf = async (user: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`;
      return (await registry.client.send({ path: '/v2/', headers: { authorization } })).status;
    };
    expect([await statusOf('alice'), await statusOf('bob')]).toEqual([200, 401]);
    await edit('add', users, 'bob', '--password-stdin', '--cost', '8');
    await edit('remove', users, 'alice');
    expect((await reload()).exitCode).toBe(0);
    expect([await statusOf('alice'), await statusOf('bob')]).toEqual([401, 200]);

    await writeFile(users, `${await readFile(users, 'utf8')}no colon\n`);
    const { exitCode, stderr } = await reload();
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^stowage: auth\.htpasswd\.path \(config\.yml:\d+\): line 2 of \S+ is broken: [^\n]*\n$/,
      ),
    ]);
    registry.signal('SIGHUP');
    expect(await registry.says(KEPT)).toContain('line 2 of');
    expect(await statusOf('bob')).toBe(200);
  });

  it('disturbs no push, fifty times in a row', async () => {
    const registry = await serve();
    const ended = new AbortController();
    const reloading = async (): Promise<void> => {
      for (let count = 0; count < 50; count += 1) {
        await change({ http: { headers: { 'X-Reload': [String(count)] } } });
        registry.signal('SIGHUP');
        await registry.says(`"changed":["http.headers"]`);
        registry.lines.length = 0;
      }
      ended.abort();
    };
    const pushing = async (name: string): Promise<number> => {
      let pushed = 0;
      for (; !ended.signal.aborted; pushed += 1) {
        await pushImage(registry.client, name, 'v1', `config ${pushed}`, { layers: [`layer ${pushed}`] });
      }
      return pushed;
    };
    const [, ...pushes] = await Promise.all([reloading(), ...['a', 'b', 'c'].map(pushing)]);
    for (const pushed of pushes) expect(pushed).toBeGreaterThan(0);
    expect((await registry.client.send({ path: '/v2/' })).headers['x-reload']).toBe('49');
    await pushBlob(registry.client, 'a', 'at the end');
  });
});

describeWith({ tools: ['script'] }, 'a registry on a terminal', () => {
  it('goes on when the terminal is closed', async () => {
    const port = await freePort();
    const words = `'${process.execPath}' '${PROGRAM}' serve --addr 127.0.0.1:${port} --root '${temp.path}/data'`;
    const terminal = spawn(tool('script'), ['-qec', words, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    terminal.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    await vi.waitFor(() => expect(shown).toContain('Stowage listens on'), PATIENCE);
    terminal.kill('SIGKILL');
    await once(terminal, 'close');
    const asked = await stowage('config', 'reload', '--root', join(temp.path, 'data'), '--json');
    const { processes } = JSON.parse(asked.stdout) as { processes: { pid: number; outcome: string }[] };
    expect(processes).toMatchObject([{ outcome: 'reloaded' }]);
    const [{ pid } = { pid: 0 }] = processes;
    process.kill(pid, 'SIGTERM');
    const instances = join(temp.path, 'data/stowage/instances');
    await vi.waitFor(async () => expect(await readdir(instances)).toEqual([]), PATIENCE);
  });
});

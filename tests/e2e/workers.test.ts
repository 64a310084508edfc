import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { request, type ClientRequest } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, HttpClient, type Answer, type RawRequest } from '../support/http-client.js';
import { parseExposition } from '../support/parse-exposition.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { runProgram } from '../support/run-program.js';
import {
  freePort,
  overSections,
  PROGRAM,
  RunningRegistry,
  type Settings,
} from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith, tool } from '../support/tools.js';

const PATIENCE = { timeout: 20_000, interval: 50 };
const COUNT = 2;

let temp: TempDir;
let debug: number;
const registries: RunningRegistry[] = [];

beforeEach(async () => {
  temp = await makeTempDir();
  debug = await freePort();
});
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.kill9();
  await temp.remove();
});

function settings(more: Settings = {}): Settings {
  const base: Settings = {
    log: { level: 'info', accesslog: { disabled: true } },
    http: { workers: COUNT, debug: { addr: `127.0.0.1:${debug}`, prometheus: { enabled: true } } },
  };
  return overSections(base, more);
}

/** With all its workers. */
async function serve(more: Settings = {}): Promise<RunningRegistry> {
  const registry = await RunningRegistry.start({ folder: temp.path, settings: settings(more) });
  registries.push(registry);
  await untilAllServe();
  return registry;
}

async function untilAllServe(): Promise<void> {
  await expect.poll(async () => metric('stowage_workers'), PATIENCE).toBe(COUNT);
}

/** The sum of its samples; undefined when nobody answers. */
async function metric(name: string): Promise<number | undefined> {
  const client = new HttpClient({ port: debug });
  try {
    const text = (await client.send({ path: '/metrics' })).body.toString();
    const samples = parseExposition(text).flatMap((each) => each.samples);
    const values = samples.filter((sample) => sample.name === name).map(({ value }) => value);
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}

/** A connection of its own, which goes to the next worker. */
async function byOwnConnection({ port }: RunningRegistry, sent: RawRequest): Promise<Answer> {
  const client = new HttpClient({ port });
  try {
    return await client.send(sent);
  } finally {
    client.close();
  }
}

async function workersOf({ pid }: RunningRegistry): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children
    .trim()
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The one that leads, as the log has it. */
function leaderOf({ lines }: RunningRegistry): number {
  const line = lines.findLast((each) => each.includes('"leads":true') || each.includes('worker leads'));
  return (JSON.parse(line ?? '{}') as { worker: number }).worker;
}

const instances = (): Promise<string[]> => readdir(join(temp.path, 'data/stowage/instances'));

describe('several workers', () => {
  it('answer on one address, and are counted together', async () => {
    const registry = await serve();
    await pushImage(registry.client, 'app', 'v1', 'config');
    const before = (await metric('registry_http_requests_total')) ?? 0;
    for (let at = 0; at < 12; at += 1) {
      expect((await byOwnConnection(registry, { path: '/v2/app/manifests/v1' })).status).toBe(200);
    }
    expect(await metric('registry_http_requests_total')).toBe(before + 12);
    expect(await metric('stowage_build_info')).toBe(1);
    expect(await metric('stowage_ready')).toBe(1);
    const ready = new HttpClient({ port: debug });
    expect((await ready.send({ path: '/readyz' })).body.toString()).toBe('{"ready":true}');
    expect((await ready.send({ path: '/debug/health' })).body.toString()).toBe('{}');
    ready.close();
  });

  it('share an upload whose requests come by different connections', async () => {
    const registry = await serve();
    const halves = [Buffer.alloc(300_000, 'a'), Buffer.alloc(200_000, 'b')] as const;
    const started = await byOwnConnection(registry, { method: 'POST', path: '/v2/app/blobs/uploads/' });
    let location = String(started.headers['location']);
    for (const body of halves) {
      const patched = await byOwnConnection(registry, { method: 'PATCH', path: location, body });
      expect(patched.status).toBe(202);
      location = String(patched.headers['location']);
    }
    const whole = Buffer.concat(halves);
    const path = `${location}${location.includes('?') ? '&' : '?'}digest=${digestOf(whole)}`;
    expect((await byOwnConnection(registry, { method: 'PUT', path })).status).toBe(201);
    for (let at = 0; at < COUNT; at += 1) {
      const pulled = await byOwnConnection(registry, { path: `/v2/app/blobs/${digestOf(whole)}` });
      expect(pulled.body.equals(whole)).toBe(true);
    }
  });

  it('are replaced when they are killed, and nothing that was acknowledged is lost', async () => {
    const registry = await serve();
    const pushed: string[] = [];
    const killing = new AbortController();
    const push = async (who: number): Promise<void> => {
      for (let at = 0; !killing.signal.aborted; at += 1) {
        const client = new HttpClient({ port: registry.port });
        const tag = `${who}-${at}`;
        try {
          await pushImage(client, `app${who}`, tag, `config ${tag}`);
          pushed.push(`/v2/app${who}/manifests/${tag}`);
        } catch {
          // its worker was killed: it was not acknowledged
        } finally {
          client.close();
        }
      }
    };
    const pushers = [push(1), push(2), push(3)];
    for (let round = 1; round <= 4; round += 1) {
      await sleep(300);
      const workers = await workersOf(registry);
      const victim = round % 2 === 0 ? leaderOf(registry) : workers[round % workers.length];
      process.kill(Number(victim), 'SIGKILL');
      await expect.poll(async () => metric('stowage_worker_restarts_total'), PATIENCE).toBe(round);
      await untilAllServe();
    }
    killing.abort();
    await Promise.all(pushers);
    expect(pushed.length).toBeGreaterThan(20);
    for (const path of pushed)
      expect([path, (await byOwnConnection(registry, { path })).status]).toEqual([path, 200]);
    // What the killed ones had still to write into the tree is written by the others.
    await expect.poll(instances, PATIENCE).toHaveLength(2 * COUNT);
    expect(await registry.stop()).toBe(0);
    const verified = await runProgram(process.execPath, [PROGRAM, 'index', 'verify', 'config.yml'], {
      cwd: temp.path,
      timeout: 60_000,
    });
    expect([verified.exitCode, verified.stderr]).toEqual([0, '']);
  });

  it('have one that collects, and another one when it is killed', async () => {
    const registry = await serve({ gc: { enabled: true, interval: '300ms', grace: '1h' } });
    const runs = async (): Promise<number> => (await metric('stowage_collection_runs_total')) ?? 0;
    await expect.poll(runs, PATIENCE).toBeGreaterThan(1);
    const first = leaderOf(registry);
    process.kill(first, 'SIGKILL');
    await registry.says('worker leads');
    expect(leaderOf(registry)).not.toBe(first);
    await untilAllServe();
    const after = await runs();
    await expect.poll(runs, PATIENCE).toBeGreaterThan(after + 1);
  });

  it('end with the process that has started them, whatever ends it', async () => {
    const registry = await serve();
    await pushBlob(registry.client, 'app', 'kept');
    const workers = await workersOf(registry);
    await registry.kill9();
    await expect.poll(() => workers.filter(isAlive), PATIENCE).toEqual([]);
    await registry.start();
    const kept = await byOwnConnection(registry, { path: `/v2/app/blobs/${digestOf('kept')}` });
    expect(kept.body.toString()).toBe('kept');
  });
});

describe('a worker that cannot start', () => {
  it('is told with the reason, and tried again while the others answer', async () => {
    const path = join(temp.path, 'users');
    await writeFile(path, 'anna:$2y$05$u3fkuyZ1nVNJhfHFP1dbu.u2VKYIdWkWAvLCh1sHcN5mvm5fTSJ2W\n');
    const registry = await serve({ auth: { htpasswd: { realm: 'r', path } } });
    await rename(path, `${path}.away`);
    const [killed] = await workersOf(registry);
    process.kill(Number(killed), 'SIGKILL');
    const line = JSON.parse(await registry.says('worker could not start')) as { reason: string };
    expect(line.reason).toMatch(/^auth\.htpasswd\.path \(\S+config\.yml:\d+\): \S+ does not exist/);
    expect((await byOwnConnection(registry, { path: '/v2/' })).status).toBe(401);
    await rename(`${path}.away`, path);
    await untilAllServe();
  });
});

describeWith({ tools: ['strace'] }, 'a sync of the database that fails in one worker', () => {
  it('ends all of them, and a start after it has what was acknowledged', async () => {
    const registry = await serve();
    await pushBlob(registry.client, 'app', 'kept');
    const workers = await workersOf(registry);
    const failing = ['-f', '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO', '-o', '/dev/null'];
    const strace = spawn(tool('strace'), [...failing, '-p', String(workers[0])], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      await once(strace.stderr, 'data');
      const push = async (at: number): Promise<void> => {
        const client = new HttpClient({ port: registry.port });
        await pushBlob(client, 'app', `lost ${at}`).catch(() => 'its worker ends, or the registry has');
        client.close();
      };
      // The connection may be that of the other worker.
      for (let at = 0; at < 100 && registry.isRunning; at += 1) await push(at);
      expect(await registry.ended()).toBe(1);
      await registry.says('the metadata database could not be made durable; the registry stops');
      await expect.poll(() => workers.filter(isAlive), PATIENCE).toEqual([]);
    } finally {
      strace.kill();
    }
    await registry.start();
    const kept = await byOwnConnection(registry, { path: `/v2/app/blobs/${digestOf('kept')}` });
    expect(kept.body.toString()).toBe('kept');
  });
});

describe('a stop of several workers', () => {
  it('brings what runs to its end', async () => {
    const registry = await serve();
    const started = await byOwnConnection(registry, { method: 'POST', path: '/v2/app/blobs/uploads/' });
    const path = `${String(started.headers['location'])}&digest=${digestOf('slowly')}`;
    const slow: ClientRequest = request({
      port: registry.port,
      method: 'PUT',
      path: path.includes('?') ? path : path.replace('&', '?'),
      headers: { 'Content-Length': 6 },
    });
    slow.write('slow');
    await expect.poll(async () => metric('registry_http_in_flight_requests'), PATIENCE).toBe(1);
    const stopped = registry.stop();
    await registry.says('"message":"stopping"');
    await sleep(200);
    slow.end('ly');
    const [answer] = (await once(slow, 'response')) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(201);
    expect(await stopped).toBe(0);
    expect(await instances()).toEqual([]);
  });
});

describe('a reload of several workers', () => {
  const headersOf = async (registry: RunningRegistry): Promise<unknown[]> => {
    const answers = [];
    for (let at = 0; at < 2 * COUNT; at += 1) answers.push(await byOwnConnection(registry, { path: '/v2/' }));
    return [...new Set(answers.map(({ headers }) => headers['x-place']))];
  };
  const write = async (more: Settings): Promise<void> => {
    const file = join(temp.path, 'config.yml');
    const { version, ...before } = JSON.parse(await readFile(file, 'utf8')) as Settings;
    await writeFile(file, JSON.stringify({ version, ...overSections(before, more) }));
  };

  it('is for all of them, also for those that come later', async () => {
    const registry = await serve();
    await write({ http: { headers: { 'X-Place': ['here'] } } });
    registry.signal('SIGHUP');
    await registry.says('configuration was reloaded');
    expect(await headersOf(registry)).toEqual(['here']);
    // What the file says is not in force before it is asked for.
    await write({ http: { headers: { 'X-Place': ['elsewhere'] } } });
    process.kill(leaderOf(registry), 'SIGKILL');
    await expect.poll(async () => metric('stowage_worker_restarts_total'), PATIENCE).toBe(1);
    await untilAllServe();
    expect(await headersOf(registry)).toEqual(['here']);
  });

  it('is for none of them when one cannot take it', async () => {
    const registry = await serve();
    const path = join(temp.path, 'missing');
    await write({ auth: { htpasswd: { realm: 'r', path } }, http: { headers: { 'X-Place': ['here'] } } });
    registry.signal('SIGHUP');
    const line = await registry.says('configuration was not reloaded');
    expect(line).toMatch(/auth\.htpasswd\.path \(\S+config\.yml:1\): \S+ does not exist/);
    expect(await headersOf(registry)).toEqual([undefined]);
  });

  it('is asked for in the folder once', async () => {
    const registry = await serve();
    await write({ log: { level: 'debug' } });
    const reload = [PROGRAM, 'config', 'reload', 'config.yml'];
    const { stdout, exitCode } = await runProgram(process.execPath, reload, {
      cwd: temp.path,
      timeout: 60_000,
    });
    expect([exitCode, stdout]).toEqual([0, `process ${registry.pid} has taken: log.level.\n`]);
  });
});

describe('a start of several workers', () => {
  const start = async (more: Settings) => {
    const storage = { filesystem: { rootdirectory: 'data' } };
    const sections = overSections(settings({ storage }), more);
    await writeFile(join(temp.path, 'config.yml'), JSON.stringify({ version: '0.1', ...sections }));
    return runProgram(process.execPath, [PROGRAM, 'serve', 'config.yml'], {
      cwd: temp.path,
      timeout: 60_000,
    });
  };

  it('is refused with one sentence, as that of one process', async () => {
    const taken = createServer();
    taken.listen(await freePort(), '127.0.0.1');
    await once(taken, 'listening');
    const addr = `127.0.0.1:${(taken.address() as { port: number }).port}`;
    const busy = await start({ http: { workers: 2, addr } });
    taken.close();
    expect(busy.exitCode).toBe(1);
    expect(busy.stderr).toBe(
      `stowage: http.addr: ${addr} is in use by another program; stop that one, or name another port.\n`,
    );
    const auth = { htpasswd: { realm: 'r', path: 'missing' } };
    const unreadable = await start({ http: { workers: 2, addr }, auth });
    expect(unreadable.exitCode).toBe(2);
    expect(unreadable.stderr).toMatch(/^stowage: .*auth\.htpasswd\.path .* does not exist/);
  });
});

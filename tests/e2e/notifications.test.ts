import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteDatabase } from '../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteOutbox } from '../../src/infrastructure/metadata/sqlite/sqlite-outbox.js';
import { unexpectedEnd } from '../contract/metadata/metadata-under-test.js';
import { ACCEPTS, type Behaviour, EventEndpoint } from '../support/event-endpoint.js';
import { eventOf } from '../support/events.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { type Ended, runProgram } from '../support/run-program.js';
import { freePort, PROGRAM, RunningRegistry, type Settings } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

const SECRET = 'planted-secret-of-the-endpoint';
const MIB = 1024 * 1024;

describe('notifications', () => {
  let temp: TempDir;
  let endpoint: EventEndpoint;
  const registries: RunningRegistry[] = [];

  beforeEach(async () => {
    temp = await makeTempDir();
    endpoint = await EventEndpoint.start();
  });
  afterEach(async () => {
    for (const registry of registries.splice(0)) await registry.kill9();
    await endpoint.stop();
    await temp.remove();
  });

  const hook = (more: object = {}) => ({
    name: 'hook',
    url: endpoint.url,
    headers: { Authorization: [`Bearer ${SECRET}`], 'X-Key': [SECRET] },
    backoff: '100ms',
    ...more,
  });

  async function start(more: object = {}, settings: Settings = {}, name = 'one'): Promise<RunningRegistry> {
    const registry = await RunningRegistry.start({
      folder: join(temp.path, name),
      settings: { log: { level: 'info' }, notifications: { endpoints: [hook(more)] }, ...settings },
    });
    registries.push(registry);
    return registry;
  }

  const cli = (registry: RunningRegistry, ...words: readonly string[]): Promise<Ended> => {
    const [group = '', command = '', ...options] = words;
    const config = join(registry.folder, 'config.yml');
    return runProgram(process.execPath, [PROGRAM, group, command, config, ...options]);
  };
  const status = async (registry: RunningRegistry): Promise<Readonly<Record<string, unknown>>> => {
    const { stdout } = await cli(registry, 'notifications', 'status', '--json');
    const [first] = (JSON.parse(stdout) as { endpoints: Record<string, unknown>[] }).endpoints;
    return first ?? {};
  };
  async function untilAllOf(pushed: readonly string[]): Promise<void> {
    const missing = new Set(pushed);
    let seen = 0;
    await endpoint.until('all events came', () => {
      for (; seen < endpoint.events.length; seen += 1)
        missing.delete(endpoint.events[seen]?.target.digest ?? '');
      return missing.size === 0;
    });
  }

  /** The events of one repository in the order in which they first came. */
  function firstsOf(repository: string): readonly string[] {
    const ofOne = endpoint.events.filter(({ target }) => target.repository === repository);
    return [...new Set(ofOne.map(({ target }) => target.digest))];
  }

  it('come to an endpoint that was away, in their order, once it is back', async () => {
    const registry = await start();
    await endpoint.stop();
    const pushed: Record<string, string[]> = { a: [], b: [] };
    for (let at = 0; at < 30; at += 1) {
      for (const name of ['a', 'b']) {
        pushed[name]?.push(await pushBlob(registry.client, name, `${name} ${at}`));
      }
    }
    await registry.says('endpoint does not take events');
    expect(await status(registry)).toMatchObject({
      name: 'hook',
      configured: true,
      delivered: 0,
      waiting: 60,
    });
    await endpoint.start();
    await untilAllOf(Object.values(pushed).flat());
    await registry.says('endpoint takes events again');
    for (const name of ['a', 'b']) expect(firstsOf(name)).toEqual(pushed[name]);
    expect(endpoint.events).toHaveLength(60);
  });

  const faults: readonly (readonly [string, Behaviour])[] = [
    ['hangs', () => undefined],
    ['answers 500', (res) => void res.writeHead(500).end('no')],
    ['resets', (_res, _post, socket) => void socket.resetAndDestroy()],
    ['redirects in a circle', (res) => void res.writeHead(307, { Location: '/hook' }).end()],
  ];
  it.each(faults)('do not hold up pushes when the endpoint %s, and none is lost', async (_what, fault) => {
    const registry = await start({ timeout: '200ms', threshold: 3 });
    endpoint.behaviour = fault;
    const pushed: string[] = [];
    for (let at = 0; at < 20; at += 1)
      pushed.push(await pushBlob(registry.client, `r${at % 4}`, `content ${at}`));
    await registry.says('endpoint does not take events');
    expect(endpoint.accepted).toEqual([]);
    endpoint.behaviour = ACCEPTS;
    await untilAllOf(pushed);
    expect(await registry.stop()).toBe(0);
  });

  it('follow a redirect to where the endpoint is now', async () => {
    const registry = await start();
    endpoint.behaviour = (res, { path }) =>
      void (path === '/hook' ? res.writeHead(308, { Location: '/moved' }).end() : res.end());
    const digest = await pushBlob(registry.client, 'a', 'content');
    await untilAllOf([digest]);
    expect(endpoint.accepted.map(({ method, path }) => [method, path])).toEqual([['POST', '/moved']]);
  });

  it('of every acknowledged push come, whenever the registry is killed', async () => {
    const registry = await start({ threshold: 2 });
    const acknowledged: string[] = [];
    for (let life = 0; life < 4; life += 1) {
      // Every other life nobody answers, so that events wait across the kill.
      endpoint.behaviour = life % 2 === 0 ? ACCEPTS : (res) => void res.writeHead(503).end();
      const kill = new AbortController();
      const pushing = [0, 1, 2, 3].map(async (worker) => {
        for (let at = 0; !kill.signal.aborted; at += 1) {
          try {
            acknowledged.push(await pushBlob(registry.client, `r${worker}`, `${life} ${worker} ${at}`));
          } catch (error) {
            if (!kill.signal.aborted) throw error;
          }
        }
      });
      const before = acknowledged.length;
      await endpoint.until('some were pushed', () => acknowledged.length >= before + 40);
      kill.abort();
      await registry.kill9();
      await Promise.all(pushing);
      await registry.start();
    }
    endpoint.behaviour = ACCEPTS;
    expect(acknowledged.length).toBeGreaterThan(150);
    await untilAllOf(acknowledged);
    for (const worker of [0, 1, 2, 3]) {
      const own = acknowledged.filter((digest) => firstsOf(`r${worker}`).includes(digest));
      expect(firstsOf(`r${worker}`).filter((digest) => own.includes(digest))).toEqual(own);
    }
  });

  it('wait for the next start when the registry is stopped', async () => {
    const registry = await start();
    await endpoint.stop();
    const digest = await pushBlob(registry.client, 'a', 'content');
    await registry.client.send({ path: `/v2/a/blobs/${digest}` });
    expect(await registry.stop()).toBe(0);
    expect(await status(registry)).toMatchObject({ waiting: 2, waitingSince: expect.any(String) });
    await endpoint.start();
    await registry.start();
    await endpoint.until('both came', () => endpoint.events.length === 2);
    expect(endpoint.events.map(({ action }) => action)).toEqual(['push', 'pull']);
  });

  it('can be tried at once, and tell how they fare', async () => {
    const registry = await start({ threshold: 1, backoff: '24h' });
    endpoint.behaviour = (res) => void res.writeHead(500).end();
    const digest = await pushBlob(registry.client, 'a', 'content');
    await registry.says('endpoint does not take events');
    await endpoint.until('it was tried', () => endpoint.requests === 1);
    const { exitCode, stdout } = await cli(registry, 'notifications', 'status');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ENDPOINT +DELIVERED +WAITING +DROPPED +LAST ATTEMPT +STATE\nhook +0 +1 +0 /);
    expect(stdout).toContain('failing, 1 times: status 500 Internal Server Error, next attempt 20');
    endpoint.behaviour = ACCEPTS;
    expect(await cli(registry, 'notifications', 'retry', '--endpoint', 'other')).toMatchObject({
      exitCode: 1,
      stderr: 'stowage: there is no endpoint "other"; there is hook.\n',
    });
    expect(await cli(registry, 'notifications', 'retry')).toMatchObject({
      exitCode: 0,
      stdout: 'hook: the next attempt comes at once.\n',
    });
    await untilAllOf([digest]);
  });

  it('show the secrets of an endpoint nowhere', async () => {
    const debug = await freePort();
    const registry = await start(
      { url: endpoint.url.replace('//', `//user:${SECRET}@`), threshold: 1 },
      {
        log: { level: 'debug' },
        http: { debug: { addr: `127.0.0.1:${debug}`, prometheus: { enabled: true } } },
      },
    );
    endpoint.behaviour = (_res, _post, socket) => void socket.resetAndDestroy();
    await pushBlob(registry.client, 'a', 'content');
    await registry.says('endpoint does not take events');
    const metrics = await (await fetch(`http://127.0.0.1:${debug}/metrics`)).text();
    expect(metrics).toContain('registry_notifications_events_total{type="Errors",endpoint="hook"}');
    const shown = [registry.lines.join('\n'), metrics];
    for (const words of [
      ['notifications', 'status'],
      ['notifications', 'status', '--json'],
      ['config', 'show'],
    ]) {
      const { stdout, stderr } = await cli(registry, ...words);
      shown.push(stdout, stderr);
    }
    expect(shown.join('\n')).toContain('hook');
    expect(shown.join('\n')).not.toContain(SECRET);
  });

  it('come once when two processes serve one folder, also from the one that does not deliver', async () => {
    const storage = { filesystem: { rootdirectory: join(temp.path, 'root') } };
    const one = await start({}, { storage });
    const two = await start({}, { storage }, 'two');
    const pushed: string[] = [];
    for (const { client } of [one, two]) pushed.push(await pushBlob(client, 'a', `by ${pushed.length}`));
    await untilAllOf(pushed);
    expect(await one.stop()).toBe(0);
    pushed.push(await pushBlob(two.client, 'a', 'after the end of the other'));
    await untilAllOf(pushed);
    expect(endpoint.events).toHaveLength(3);
  });

  it('are off in a trial', async () => {
    const registry = await start();
    const image = await pushImage(registry.client, 'a', 'v1', 'config');
    expect(image).toContain('config');
    await endpoint.until('the push was told', () => endpoint.events.length === 2);
    await registry.stop();
    const trial = await RunningRegistry.start({
      folder: registry.folder,
      flags: ['--trial'],
      settings: { log: { level: 'info' }, notifications: { endpoints: [hook()] } },
    });
    registries.push(trial);
    await trial.says('notifications are off');
    expect((await trial.client.send({ path: '/v2/a/manifests/v1' })).status).toBe(200);
    await trial.stop();
    expect(endpoint.events).toHaveLength(2);
  });

  it('wait in the database, not in memory, and do not slow the start', async () => {
    const registry = await start({ threshold: 1, backoff: '200ms' });
    await pushBlob(registry.client, 'a', 'first');
    await endpoint.until('it was told', () => endpoint.events.length === 1);
    await registry.stop();
    endpoint.behaviour = (res) => void res.writeHead(503).end();
    await registry.start();
    const before = await registry.residentBytes();
    await registry.stop();
    await leaveEvents(join(registry.folder, 'data/stowage/metadata.db'), 20_000);
    await registry.start();
    for (let at = 0; at < 50; at += 1) await pushBlob(registry.client, `p${at % 5}`, `content ${at}`);
    await registry.says('endpoint does not take events');
    expect(await status(registry)).toMatchObject({ waiting: 20_050 });
    expect((await registry.residentBytes()) - before).toBeLessThan(60 * MIB);
    endpoint.behaviour = ACCEPTS;
    await endpoint.until('a quarter came', () => endpoint.events.length >= 5_000);
    expect((await registry.residentBytes()) - before).toBeLessThan(150 * MIB);
    expect(await registry.stop()).toBe(0);
    const { delivered, waiting } = await status(registry);
    expect(Number(delivered)).toBeGreaterThanOrEqual(5_000);
    // What is at work counts as waiting until everything before it is done.
    expect(Number(waiting)).toBeLessThanOrEqual(20_050 - 5_000 + 1_000);
  });

  /** As a day leaves them on which nobody took any: 4 KiB each. */
  async function leaveEvents(path: string, count: number): Promise<void> {
    const database = await SqliteDatabase.open(path, unexpectedEnd);
    const outbox = new SqliteOutbox(database);
    const references = [{ mediaType: 'a/b', digest: 'sha256:0', size: 1, data: 'x'.repeat(3_000) }];
    for (let left = count; left > 0; left -= 1_000) {
      await outbox.append(
        Array.from({ length: 1_000 }, (_, at) =>
          eventOf(`r${at % 50}`, { time: Date.now(), target: { references } }),
        ),
      );
    }
    database.close();
  }

  it.each([
    ['a URL that is none', { url: 'ftp://host/' }, 'must be an address that begins with http'],
    ['an empty name', { name: '' }, 'must be a name of 1 to 100 characters'],
    [
      'an action that there is not',
      { ignore: { actions: ['pulls'] } },
      'it must be a list of push, pull, mount and delete',
    ],
    ['a header that is no list', { headers: { 'X-Key': SECRET } }, 'must have a list for X-Key'],
    ['no URL', { url: undefined }, 'is missing: it must be given, unless disabled is true'],
  ])('are refused with %s', async (_what, wrong, sentence) => {
    const { exitCode, stderr } = await refused([hook(wrong)]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(stderr).not.toContain(SECRET);
  });

  it('are refused with two endpoints of one name', async () => {
    const { exitCode, stderr } = await refused([hook(), hook()]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('two endpoints of the name "hook"')]);
  });

  it('have no status where no registry has run', async () => {
    const words = [PROGRAM, 'notifications', 'status', '--root', temp.path];
    expect(await runProgram(process.execPath, words)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('there is no metadata database'),
    });
  });

  async function refused(endpoints: readonly object[]): Promise<Ended> {
    const config = JSON.stringify({
      version: '0.1',
      storage: { inmemory: {} },
      notifications: { endpoints },
    });
    await writeFile(join(temp.path, 'config.yml'), config);
    return runProgram(process.execPath, [PROGRAM, 'serve', 'config.yml'], { cwd: temp.path });
  }
});

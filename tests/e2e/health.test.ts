import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, request, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateTree } from '../support/large-tree.js';
import { parseExposition } from '../support/parse-exposition.js';
import { runProgram } from '../support/run-program.js';
import { freePort, PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

const PATIENCE = { timeout: 20_000, interval: 20 };
const INTERVAL = '30ms';

interface Seen {
  readonly status: number;
  readonly body: unknown;
}

describe('the built program watches its health', () => {
  let temp: TempDir;
  let debug: number;
  let registry: RunningRegistry | undefined;
  let servers: Server[] = [];
  const taken = new Set<number>();

  /** Nothing holds a port between its choice and its use. */
  async function anotherPort(): Promise<number> {
    let port = await freePort();
    while (taken.has(port)) port = await freePort();
    taken.add(port);
    return port;
  }

  beforeEach(async () => {
    temp = await makeTempDir();
    taken.clear();
    debug = await anotherPort();
  });
  afterEach(async () => {
    await registry?.stop();
    registry = undefined;
    for (const server of servers) server.close();
    servers = [];
    await temp.remove();
  });

  const start = async (
    health: Readonly<Record<string, unknown>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunningRegistry> => {
    const http = {
      debug: { addr: `127.0.0.1:${debug}`, prometheus: { enabled: true } },
      draintimeout: '20s',
    };
    const port = await anotherPort();
    registry = await RunningRegistry.start({ folder: temp.path, settings: { health, http }, port, env });
    return registry;
  };
  const seen = async (path: string): Promise<Seen> => {
    const answer = await fetch(`http://127.0.0.1:${debug}${path}`);
    return { status: answer.status, body: await answer.json() };
  };
  const statuses = async (): Promise<readonly number[]> =>
    Promise.all(
      ['/', '/v2/', '/v2/_catalog'].map(async (path) => (await registry?.client.send({ path }))?.status ?? 0),
    );

  /** All of the main port refuses, the debug address says why, and all comes back. */
  async function fallsIllAndRecovers(name: string, message: RegExp, ill: () => unknown, well: () => unknown) {
    await expect.poll(() => seen('/readyz'), PATIENCE).toEqual({ status: 200, body: { ready: true } });
    await ill();
    await expect.poll(statuses, PATIENCE).toEqual([503, 503, 503]);
    expect(await seen('/debug/health')).toEqual({
      status: 503,
      body: { [name]: expect.stringMatching(message) },
    });
    expect(await seen('/readyz')).toEqual({
      status: 503,
      body: { ready: false, reasons: [`the health check ${name} fails`] },
    });
    expect(await seen('/livez')).toEqual({ status: 200, body: { live: true } });
    const scrape = await (await fetch(`http://127.0.0.1:${debug}/metrics`)).text();
    const failing = parseExposition(scrape).find((metric) => metric.name === 'stowage_health_checks_failing');
    expect(failing?.samples[0]?.value).toBe(1);
    await well();
    await expect.poll(statuses, PATIENCE).toEqual([200, 200, 200]);
    await expect.poll(() => seen('/debug/health'), PATIENCE).toEqual({ status: 200, body: {} });
  }

  async function listening(server: Server): Promise<number> {
    servers.push(server);
    server.listen(await anotherPort(), '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  it('by a file that appears and goes, named by the environment', async () => {
    const down = join(temp.path, 'down');
    await start(
      {},
      {
        REGISTRY_HEALTH_FILECHECKERS_0_FILE: down,
        REGISTRY_HEALTH_FILECHECKERS_0_INTERVAL: INTERVAL,
      },
    );
    await fallsIllAndRecovers(
      down,
      /^the file is there$/,
      () => writeFile(down, ''),
      () => rm(down),
    );
    await registry?.says('registry is unhealthy: requests are refused');
  });

  it('by a file that is there at the start, at once and not after an interval', async () => {
    const down = join(temp.path, 'down');
    await start({ file: [{ file: down, interval: '1h' }] });
    await writeFile(down, '');
    await registry?.stop();
    // Whether it answers once before the look has ended is not what counts.
    const starting = Promise.allSettled([registry?.start()]);
    await expect
      .poll(async () => seen('/debug/health').catch(() => undefined), PATIENCE)
      .toEqual({
        status: 503,
        body: { [down]: 'the file is there' },
      });
    await registry?.kill9();
    await starting;
  });

  it.each<[string, RegExp, RequestListener]>([
    ['hangs', /^no answer within 200 ms$/, () => undefined],
    ['answers 500', /^the answer has status 500 instead of 200$/, (_req, res) => res.writeHead(500).end()],
    ['closes', /^(socket hang up|read ECONNRESET)$/, (req) => req.socket.destroy()],
  ])('by a service that %s', async (_what, message, ill) => {
    let answer: RequestListener = (_req, res) => res.end();
    const well = answer;
    const port = await listening(createServer((req, res) => answer(req, res)));
    const uri = `http://127.0.0.1:${port}/up`;
    await start({ http: [{ uri, interval: INTERVAL, timeout: '200ms', threshold: 2 }] });
    await fallsIllAndRecovers(
      uri,
      message,
      () => (answer = ill),
      () => (answer = well),
    );
  });

  it('by a service that takes no connections any more', async () => {
    const server = createTcpServer((socket) => socket.on('error', () => undefined));
    const port = await listening(server);
    const addr = `127.0.0.1:${port}`;
    await start({ tcp: [{ addr, interval: INTERVAL }] });
    await fallsIllAndRecovers(
      addr,
      /^connect ECONNREFUSED /,
      () => server.close(),
      async () => {
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
      },
    );
  });

  it('and refuses two checks of one name, where the reference registry panics', async () => {
    const config = join(temp.path, 'config.yml');
    await writeFile(
      config,
      'version: 0.1\nstorage: inmemory\nhealth:\n  file: [{file: /x}]\n  tcp: [{addr: a}]\n',
    );
    const env = { REGISTRY_HEALTH_FILECHECKERS_1_FILE: '/x', REGISTRY_HEALTH_TCPCHECKERS_0_ADDR: 'a:1' };
    const { exitCode, stderr } = await runProgram(process.execPath, [PROGRAM, 'serve', config], { env });
    expect([exitCode, stderr.replaceAll(`${temp.path}/`, '')]).toEqual([
      2,
      'stowage: health has two checks of "/x": health.file[0] (config.yml:4) and health.file[1] (REGISTRY_HEALTH_FILECHECKERS_1_FILE). Keep one.\n',
    ]);
  });

  it('and stops while a service owes it the answer', async () => {
    const hanging = createServer(() => undefined);
    const uri = `http://127.0.0.1:${await listening(hanging)}/up`;
    const asked = once(hanging, 'request');
    await start({ http: [{ uri, timeout: '1h' }] });
    await asked;
    expect(await registry?.stop()).toBe(0);
  });

  it('and is not ready while it stops, but lives', async () => {
    const { port } = await start({});
    await expect.poll(() => seen('/readyz'), PATIENCE).toMatchObject({ status: 200 });
    const path = (await registry?.client.send({ method: 'POST', path: '/v2/app/blobs/uploads/' }))?.headers
      .location;
    const push = request({ port, host: '127.0.0.1', method: 'PATCH', path: String(path), agent: false });
    const answered = once(push, 'response');
    push.write('begun');
    await expect
      .poll(async () => {
        const scrape = await (await fetch(`http://127.0.0.1:${debug}/metrics`)).text();
        return /^stowage_uploads_writing 1$/m.test(scrape);
      }, PATIENCE)
      .toBe(true);
    registry?.client.close();
    registry?.signal('SIGTERM');
    await expect
      .poll(() => seen('/readyz'), PATIENCE)
      .toEqual({
        status: 503,
        body: { ready: false, reasons: ['the registry stops'] },
      });
    expect(await seen('/livez')).toEqual({ status: 200, body: { live: true } });
    push.end();
    const [response] = (await answered) as [{ statusCode: number }];
    expect([response.statusCode, await registry?.ended()]).toEqual([202, 0]);
  });

  it('and is not ready while it takes a folder over', async () => {
    generateTree(join(temp.path, 'data'), { repositories: 100, tags: 1_000, blobs: 2_000 });
    const starting = start({});
    const answers = new Set<string>();
    for (let ready = false; !ready; await sleep(2)) {
      const answer = await seen('/readyz').catch(() => undefined);
      ready = answer?.status === 200;
      if (answer !== undefined) answers.add(JSON.stringify(answer));
    }
    await starting;
    expect([...answers]).toContain(
      JSON.stringify({ status: 503, body: { ready: false, reasons: ['the registry starts'] } }),
    );
  });
});

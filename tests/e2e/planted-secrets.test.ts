import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadBcrypt } from '../../src/infrastructure/security/bcrypt.js';
import { type Answer, digestOf, HttpClient } from '../support/http-client.js';
import { type Ended, runProgram } from '../support/run-program.js';
import { freePort, PROGRAM, RunningRegistry, type Settings } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { makeCertificates } from '../support/test-certificates.js';
import { TokenServer } from '../support/token-server.js';
import { brokenConfigurations } from './planted-secrets/broken-configurations.js';
import { leaksIn, plant } from './planted-secrets/planted.js';

/**
 * All that a configuration and requests may hold. Whoever adds a key that holds a secret adds it here and to
 * `settingsWith`.
 */
const SECRETS = {
  'http.secret': plant('of http'),
  'redis.password': plant('of redis'),
  'health.http.headers': plant('of health headers'),
  'health.http.uri': plant('of health uri'),
  'notifications.headers': plant('of notifications headers'),
  'notifications.url': plant('of notifications url'),
  'a password': plant('of alice'),
  'a wrong password': plant('of mallory'),
  'a token': plant('of bearer'),
  _state: plant('of state'),
  'a parameter': plant('of parameter'),
  'a header': plant('of header'),
} as const;
const DEBUG_PATHS = [
  '/',
  '/debug/health',
  '/livez',
  '/readyz',
  '/metrics',
  '/debug/vars',
  '/debug/pprof/',
  '/nowhere',
];

let temp: TempDir;
let registry: RunningRegistry | undefined;
let stops: (() => Promise<unknown>)[] = [];
const taken = new Set<number>();
beforeEach(async () => {
  temp = await makeTempDir();
});
afterEach(async () => {
  await registry?.stop();
  registry = undefined;
  for (const stop of stops) await stop();
  stops = [];
  await temp.remove();
});

const stowage = async (
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> =>
  runProgram(process.execPath, [PROGRAM, ...words], { cwd: temp.path, env, timeout: 20_000 });
const textOf = ({ stdout, stderr }: Ended): string => stdout + stderr;
const answerText = ({ headers, body }: Answer): string =>
  `${JSON.stringify(headers)}\n${body.toString('latin1')}`;
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Nothing holds a port between its choice and its use. */
async function anotherPort(): Promise<number> {
  let port = await freePort();
  while (taken.has(port)) port = await freePort();
  taken.add(port);
  return port;
}

/** A server on loopback that answers whatever is asked the same. Resolves with its port. */
async function answering(
  status: number,
  body: (headers: NodeJS.Dict<string | string[]>) => string,
): Promise<number> {
  const server = createServer((req, res) => {
    req.resume();
    res.writeHead(status, { 'content-type': 'application/xml' }).end(body(req.headers));
  });
  const port = await anotherPort();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  stops.push(
    async () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return port;
}

/** With every secret in its place, and all there is of logs and metrics. */
async function settingsWith(
  auth: Readonly<Record<string, unknown>>,
  formatter: string,
  debug: number,
): Promise<Settings> {
  const checked = await answering(500, () => 'no');
  const password = encodeURIComponent(SECRETS['health.http.uri']);
  const key = encodeURIComponent(SECRETS['notifications.url']);
  const told = {
    headers: { Authorization: [`Bearer ${SECRETS['notifications.headers']}`] },
    backoff: '100ms',
  };
  return {
    log: { level: 'debug', formatter, accesslog: { disabled: false } },
    auth,
    http: {
      secret: SECRETS['http.secret'],
      debug: { addr: `127.0.0.1:${debug}`, prometheus: { enabled: true } },
    },
    notifications: {
      endpoints: [
        { name: 'refuses', url: `http://u:${key}@127.0.0.1:${checked}/events?key=${key}`, ...told },
        { name: 'away', url: `http://u:${key}@127.0.0.1:1/events`, ...told },
      ],
    },
    redis: { addrs: ['127.0.0.1:1'], password: SECRETS['redis.password'] },
    health: {
      http: [
        {
          uri: `http://u:${password}@127.0.0.1:${checked}/up`,
          headers: { Authorization: [`Bearer ${SECRETS['health.http.headers']}`] },
          interval: '50ms',
          threshold: 100_000,
        },
      ],
    },
  };
}

/** Good requests and bad ones, with secrets wherever a client may have them. */
async function ask(client: HttpClient, authorization: string): Promise<string> {
  const [state, parameter] = [SECRETS['_state'], SECRETS['a parameter']].map(encodeURIComponent);
  const digest = digestOf('x');
  const headers = {
    authorization,
    cookie: `session=${SECRETS['a header']}`,
    'proxy-authorization': basic('u', SECRETS['a header']),
    'x-registry-auth': Buffer.from(SECRETS['a header']).toString('base64'),
    referer: `https://ui.example/?token=${encodeURIComponent(SECRETS['a header'])}`,
  };
  const requests: [method: string, path: string, body?: string][] = [
    ['GET', '/v2/'],
    ['GET', `/v2/_catalog?n=x&token=${parameter}`],
    ['GET', `/v2/a/tags/list?n=1&access_token=${parameter}`],
    ['POST', `/v2/a/blobs/uploads/?digest=${digest}&_state=${state}`, 'x'],
    ['PATCH', `/v2/a/blobs/uploads/0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f?_state=${state}`, 'x'],
    ['PUT', `/v2/a/blobs/uploads/0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f?_state=${state}&digest=${digest}`, 'x'],
    ['GET', `/v2/a/blobs/${digest}?X-Amz-Signature=${parameter}`],
    ['GET', `/v2/a/blobs/none?password=${parameter}`],
    ['PUT', `/v2/a/manifests/1?sig=${parameter}`, '{'],
    ['GET', `/v2/A/manifests/1?secret=${parameter}`],
    ['PROPFIND', `/v2/?token=${parameter}`],
    ['GET', `/nowhere?_state=${state}`],
  ];
  const answers: string[] = [];
  for (const [method, path, body] of requests) {
    const answer = await client.send({ method, path, headers, ...(body === undefined ? {} : { body }) });
    answers.push(answerText(answer));
  }
  return answers.join('\n');
}

/** What the debug address tells, and anybody who may list processes. */
async function lookedAt(debug: number, pid: number): Promise<string> {
  const client = new HttpClient(debug);
  const answers = await Promise.all(DEBUG_PATHS.map(async (path) => answerText(await client.send({ path }))));
  client.close();
  const process = await Promise.all(
    ['cmdline', 'comm'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
  );
  return [...answers, ...process].join('\n');
}

describe('the search for secrets', () => {
  it('finds one in each form', () => {
    const secret = SECRETS['a password'];
    const texts = [
      `x${secret}x`,
      `?a=${encodeURIComponent(secret)}&b`,
      basic('bob', secret),
      basic('alice', secret),
      basic('carol7', secret),
      Buffer.from(`{"auth":"${secret}"}`).toString('base64url'),
      Buffer.from(secret).toString('hex'),
    ];
    for (const text of texts)
      expect([text, leaksIn(text, SECRETS)]).toEqual([text, [expect.stringMatching(/^a password /)]]);
    expect(leaksIn('nothing', SECRETS)).toEqual([]);
  });
});

describe('a registry with secrets in all places tells none of them', () => {
  it.each(['text', 'json', 'logstash'])(
    'to those who sign in or fail to, with logs of the form %s',
    async (formatter) => {
      const { ca, certificate, key } = await makeCertificates(join(temp.path, 'tls'));
      const bcrypt = await loadBcrypt();
      const hash = await bcrypt.hash(Buffer.from(SECRETS['a password']), 4);
      const path = join(temp.path, 'users');
      await writeFile(path, `alice:${hash}\nplain:${SECRETS['a password']}\n`);
      const debug = await anotherPort();
      const settings = await settingsWith({ htpasswd: { realm: 'r', path } }, formatter, debug);
      registry = await RunningRegistry.start({
        folder: join(temp.path, 'registry'),
        settings: { ...settings, http: { ...settings['http'], tls: { certificate, key } } },
        ca,
      });
      const answers: string[] = [];
      const { client } = registry;
      answers.push(await ask(client, basic('alice', SECRETS['a password'])));
      for (const authorization of [
        basic('alice', SECRETS['a wrong password']),
        basic(SECRETS['a wrong password'], 'x'),
        `Bearer ${SECRETS['a token']}`,
        SECRETS['a token'],
        `Basic ${SECRETS['a token']}`,
      ]) {
        answers.push(answerText(await client.send({ path: '/v2/', headers: { authorization } })));
      }
      answers.push(await lookedAt(debug, registry.pid));
      const config = join(registry.folder, 'config.yml');
      for (const words of [
        ['config', 'show', config],
        ['config', 'show', '--json', config],
        ['config', 'check', config],
      ]) {
        const ended = await stowage(words);
        expect([words, ended.exitCode]).toEqual([words, 0]);
        answers.push(textOf(ended));
      }
      await registry.says('a login failed');
      await registry.stop();
      const keyLine = (await readFile(key, 'utf8')).split('\n')[3] ?? '';
      expect(keyLine.length).toBeGreaterThan(20);
      const said = [...answers, ...registry.lines].join('\n');
      expect(leaksIn(said, { ...SECRETS, 'the hash': hash, 'the key of TLS': keyLine })).toEqual([]);
    },
  );

  it('to those who come with tokens, good and bad', async () => {
    const tokens = await TokenServer.start({ service: 's', issuer: 'i', users: {} }, false);
    const rootcertbundle = join(temp.path, 'token.crt');
    await writeFile(rootcertbundle, tokens.certificate);
    const debug = await anotherPort();
    const auth = {
      token: { realm: 'https://auth.example/token', service: 's', issuer: 'i', rootcertbundle },
    };
    registry = await RunningRegistry.start({
      folder: join(temp.path, 'registry'),
      port: await anotherPort(),
      settings: await settingsWith(auth, 'json', debug),
    });
    const access = [{ type: 'repository', name: 'a', actions: ['pull', 'push'] }];
    const good = await tokens.issue('alice', [], { access, jti: SECRETS['a token'] });
    const expired = await tokens.issue('alice', [], { access, exp: 1, jti: SECRETS['a token'] });
    const said = [await lookedAt(debug, registry.pid)];
    for (const token of [good, expired, `${good.slice(0, -9)}AAAAAAAAA`, SECRETS['a token']]) {
      said.push(await ask(registry.client, `Bearer ${token}`));
    }
    await registry.says('a token was refused');
    await registry.stop();
    const signatures = { 'a signature': good.slice(-60), 'another signature': expired.slice(-60) };
    expect(leaksIn([...said, ...registry.lines].join('\n'), { ...SECRETS, ...signatures })).toEqual([]);
  });

  it('to those who read why a set of keys can not be fetched', async () => {
    const port = await answering(500, () => 'no');
    const jwks = `http://127.0.0.1:${port}/jwks?token=${encodeURIComponent(SECRETS['a token'])}`;
    const auth = { token: { realm: 'https://auth.example/token', service: 's', issuer: 'i', jwks } };
    const config = join(temp.path, 'config.yml');
    await writeFile(config, JSON.stringify({ version: '0.1', storage: { inmemory: null }, auth }));
    const shown = await stowage(['config', 'show', config]);
    expect([shown.exitCode, leaksIn(textOf(shown), SECRETS)]).toEqual([0, []]);
    registry = await RunningRegistry.start({
      folder: join(temp.path, 'registry'),
      port: await anotherPort(),
      settings: { auth },
    });
    await registry.says('keys of tokens can not be fetched');
    expect(leaksIn(registry.lines.join('\n'), SECRETS)).toEqual([]);
  });

  it('to those who read why a store can not be used, though it repeats what it was sent', async () => {
    const secrets = { 'a secret key': plant('of s3'), 'a session token': plant('of session') };
    const store = await answering(
      403,
      (headers) =>
        `<Error><Code>InvalidToken</Code><Message>No.</Message><Token-0>${String(headers['x-amz-security-token'])}</Token-0></Error>`,
    );
    const s3 = {
      bucket: 'b',
      region: 'us-east-1',
      regionendpoint: `http://127.0.0.1:${store}`,
      accesskey: 'AKIA',
      secretkey: secrets['a secret key'],
      sessiontoken: secrets['a session token'],
      loglevel: 'debug',
    };
    const config = join(temp.path, 'config.yml');
    const metadata = { sqlite: { path: join(temp.path, 'metadata.db') } };
    const log = { level: 'debug' };
    await writeFile(config, JSON.stringify({ version: '0.1', log, storage: { s3 }, metadata }));
    const served = await stowage(['serve', config], {
      REGISTRY_HTTP_ADDR: `127.0.0.1:${await anotherPort()}`,
    });
    expect([served.exitCode, textOf(served)]).toEqual([
      1,
      expect.stringContaining('storage.s3.sessiontoken'),
    ]);
    const shown = [['show'], ['show', '--json'], ['check']].map((words) =>
      stowage(['config', ...words, config]),
    );
    const said = [served, ...(await Promise.all(shown))].map(textOf).join('\n');
    expect(leaksIn(said, secrets)).toEqual([]);
    const byVariables = await stowage(['config', 'show', config], {
      REGISTRY_STORAGE_S3_SECRETKEY: secrets['a secret key'],
      REGISTRY_STORAGE_S3_SESSIONTOKEN: secrets['a session token'],
      REGISTRY_REDIS_PASSWORD: SECRETS['redis.password'],
      REGISTRY_HTTP_SECRET: SECRETS['http.secret'],
    });
    expect([byVariables.exitCode, leaksIn(textOf(byVariables), { ...secrets, ...SECRETS })]).toEqual([0, []]);
  });
});

describe('a start that is refused because of a secret does not tell it', () => {
  const secret = plant('of a broken configuration');
  const broken = brokenConfigurations(secret).map(([what, yaml, files = {}]) => ({ what, yaml, files }));

  it.each(broken)('$what', async ({ yaml, files }) => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(temp.path, name), content);
    await writeFile(join(temp.path, 'config.yml'), `version: 0.1\n${yaml}`);
    const ended = await stowage(['serve', 'config.yml']);
    expect([ended.exitCode, textOf(ended)]).toEqual([2, expect.stringMatching(/^stowage: ./)]);
    const said = textOf(ended);
    expect([
      said,
      leaksIn(said, { secret, 'its base64': Buffer.from(secret).toString('base64').slice(0, 20) }),
    ]).toEqual([said, []]);
  });

  it.each([
    ['REGISTRY_STORAGE_S3_SECRETKEY', 'REGISTRY_STORAGE_S3_BUCKET'],
    ['REGISTRY_PROXY_PASSWORD', 'REGISTRY_PROXY_REMOTEURL'],
    ['REGISTRY_HEALTH_HTTPCHECKERS_0_HEADERS_AUTHORIZATION', 'REGISTRY_HEALTH_HTTPCHECKERS_0_URI'],
    ['REGISTRY_LOG_HOOKS_0_MAILOPTIONS_SMTP_PASSWORD', 'REGISTRY_LOG_HOOKS_0_TYPE'],
    ['REGISTRY_HTTP_SECRETS', 'REGISTRY_STORAGE'],
  ])('in %s', async (variable, other) => {
    const values = { REGISTRY_STORAGE_S3_BUCKET: 'b', REGISTRY_STORAGE: 'inmemory' };
    const env = { [variable]: secret, [other]: (values as Record<string, string>)[other] ?? 'http://x/' };
    const ended = await stowage(['serve'], env);
    expect([ended.exitCode, leaksIn(textOf(ended), { secret })]).toEqual([2, []]);
  });
});

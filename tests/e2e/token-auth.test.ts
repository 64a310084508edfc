import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, errorCodes, type Answer, type RawRequest } from '../support/http-client.js';
import { ensureImages, IMAGE_TOOLS } from '../support/images.js';
import { OciLayout } from '../support/oci-layout.js';
import { imageManifest } from '../support/registry-actions.js';
import { runProgram, succeed } from '../support/run-program.js';
import { freePort, PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { TokenServer, type TokenServerOptions } from '../support/token-server.js';
import { describeWith, tool } from '../support/tools.js';

const NAMES = { service: 'Our registry', issuer: 'auth.example' };
const OPTIONS: TokenServerOptions = {
  ...NAMES,
  users: {
    alice: {
      password: 's3cret: with a colon',
      rights: { 'repository:team/': ['pull', 'push', 'delete'], 'registry:catalog': ['*'] },
    },
    bob: { password: 'readonly', rights: { 'repository:team/': ['pull'] } },
  },
  anonymous: { 'repository:public/': ['pull'] },
};

let temp: TempDir;
let tokens: TokenServer;
let registry: RunningRegistry | undefined;
beforeEach(async () => {
  temp = await makeTempDir();
  registry = undefined;
});
afterEach(async () => {
  await registry?.stop();
  await tokens.stop();
  await temp.remove();
});

async function serve(
  auth: Readonly<Record<string, unknown>> = {},
  options: Partial<TokenServerOptions> & { readonly named?: boolean } = {},
): Promise<RunningRegistry> {
  tokens = await TokenServer.start({ ...OPTIONS, ...options });
  const rootcertbundle = join(temp.path, 'token.crt');
  await writeFile(rootcertbundle, tokens.certificate);
  const realm = options.named === true ? tokens.namedRealm : tokens.realm;
  return open({ realm, rootcertbundle, ...auth });
}

async function open(auth: Readonly<Record<string, unknown>>): Promise<RunningRegistry> {
  const token = { realm: tokens.realm, ...NAMES, ...auth };
  registry = await RunningRegistry.start({
    folder: join(temp.path, 'registry'),
    settings: { auth: { token } },
  });
  return registry;
}

/** @param token undefined: none is sent */
async function send(token: string | undefined, request: RawRequest): Promise<Answer> {
  if (registry === undefined) throw new Error('there is no registry yet');
  const headers = {
    ...request.headers,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return registry.client.send({ ...request, headers });
}

async function push(token: string, repository: string): Promise<{ manifest: string; digest: string }> {
  const config = `config of ${repository}`;
  const digest = digestOf(config);
  const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`;
  expect((await send(token, { method: 'POST', path, body: config })).status).toBe(201);
  const manifest = imageManifest(config);
  const answer = await send(token, {
    method: 'PUT',
    path: `/v2/${repository}/manifests/1`,
    headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
    body: manifest,
  });
  expect(answer.status).toBe(201);
  return { manifest, digest };
}

const challengeOf = ({ headers }: Answer) => headers['www-authenticate'];
const begin = (realm = tokens.realm) => `Bearer realm="${realm}",service="Our registry"`;
const scopeFor = (...actions: string[]) => `repository:team/app:${actions.join(',')}`;

describe('a registry with a token server', () => {
  it('sends whoever has no token to the server, with the scope that the request needs', async () => {
    await serve();
    const digest = digestOf('x');
    const wanted: [string, string, string][] = [
      ['GET', '/v2/', ''],
      ['GET', '/v2/team/app/manifests/1', scopeFor('pull')],
      ['HEAD', '/v2/team/app/manifests/1', scopeFor('pull')],
      ['GET', `/v2/team/app/blobs/${digest}`, scopeFor('pull')],
      ['GET', '/v2/team/app/tags/list', scopeFor('pull')],
      ['GET', `/v2/team/app/referrers/${digest}`, scopeFor('pull')],
      ['POST', '/v2/team/app/blobs/uploads/', scopeFor('pull', 'push')],
      ['PUT', '/v2/team/app/manifests/1', scopeFor('pull', 'push')],
      ['DELETE', '/v2/team/app/manifests/1', scopeFor('delete')],
      ['DELETE', `/v2/team/app/blobs/${digest}`, scopeFor('delete')],
      ['GET', '/v2/_catalog', 'registry:catalog:*'],
    ];
    for (const [method, path, scope] of wanted) {
      const answer = await send(undefined, { method, path });
      expect([path, answer.status]).toEqual([path, 401]);
      expect(challengeOf(answer)).toBe(begin() + (scope === '' ? '' : `,scope="${scope}"`));
      if (method !== 'HEAD') expect(errorCodes(answer)).toEqual(['UNAUTHORIZED']);
    }
  });

  it('lets a token do what it says, and nothing else', async () => {
    await serve();
    const alice = await tokens.issue('alice', [scopeFor('pull', 'push', 'delete'), 'registry:catalog:*']);
    const bob = await tokens.issue('bob', [scopeFor('pull', 'push')]);
    const { manifest, digest } = await push(alice, 'team/app');
    expect((await send(bob, { path: '/v2/' })).status).toBe(200);
    expect((await send(bob, { path: '/v2/team/app/manifests/1' })).body.toString()).toBe(manifest);
    expect((await send(bob, { path: `/v2/team/app/blobs/${digest}` })).status).toBe(200);
    const refused = await send(bob, { method: 'POST', path: '/v2/team/app/blobs/uploads/' });
    expect([refused.status, challengeOf(refused)]).toEqual([
      401,
      `${begin()},scope="${scopeFor('pull', 'push')}",error="insufficient_scope"`,
    ]);
    expect((await send(bob, { method: 'DELETE', path: '/v2/team/app/manifests/1' })).status).toBe(401);
    expect((await send(bob, { path: '/v2/_catalog' })).status).toBe(401);
    const catalog = await send(alice, { path: '/v2/_catalog' });
    expect(catalog.status).toBe(200);
    expect((await send(alice, { method: 'DELETE', path: '/v2/team/app/manifests/1' })).status).toBe(202);
  });

  it('answers the same for what is there and what is not, when somebody may not see it', async () => {
    await serve();
    const alice = await tokens.issue('alice', ['repository:team/secret:pull,push']);
    await push(alice, 'team/secret');
    const bob = await tokens.issue('bob', ['repository:other/x:pull']);
    for (const token of [bob, undefined]) {
      const [there, absent] = await Promise.all(
        ['secret', 'absent'].map((name) => send(token, { path: `/v2/team/${name}/manifests/1` })),
      );
      const plain = (answer: Answer | undefined) =>
        [answer?.status, answer && challengeOf(answer), answer?.body.toString()]
          .join(' ')
          .replaceAll(/secret|absent/g, 'NAME');
      expect(plain(there)).toBe(plain(absent));
    }
  });

  it('uploads instead of mounting from a repository that the token may not read', async () => {
    await serve();
    const owner = await tokens.issue('alice', ['repository:team/source:pull,push']);
    const { digest } = await push(owner, 'team/source');
    const path = `/v2/team/target/blobs/uploads/?mount=${digest}&from=team/source`;
    const target = 'repository:team/target:pull,push';
    const challenge = challengeOf(await send(undefined, { method: 'POST', path }));
    expect(challenge).toBe(`${begin()},scope="${target} repository:team/source:pull"`);
    const blind = await tokens.issue('alice', [target]);
    expect((await send(blind, { method: 'POST', path })).status).toBe(202);
    const both = await tokens.issue('alice', [target, 'repository:team/source:pull']);
    expect((await send(both, { method: 'POST', path })).status).toBe(201);
  });

  it('refuses tokens that are broken, expired, for others or by others, whatever is asked', async () => {
    await serve();
    const scopes = [scopeFor('pull')];
    const good = await tokens.issue('alice', scopes);
    const stranger = await TokenServer.start(OPTIONS, false);
    const past = Math.floor(Date.now() / 1000) - 120;
    const bad = [
      'x',
      `${good.slice(0, -4)}AAAA`,
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`,
      await tokens.issue('alice', scopes, { exp: past }),
      await tokens.issue('alice', scopes, { aud: 'another' }),
      await tokens.issue('alice', scopes, { iss: 'another' }),
      await stranger.issue('alice', scopes),
    ];
    for (const token of bad) {
      for (const path of ['/v2/', '/v2/team/app/manifests/1']) {
        const answer = await send(token, { path });
        expect([answer.status, challengeOf(answer)?.endsWith(',error="invalid_token"')]).toEqual([401, true]);
        expect(errorCodes(answer)).toEqual(['UNAUTHORIZED']);
      }
    }
    expect((await send(good, { path: '/v2/' })).status).toBe(200);
    expect(registry?.lines.join('\n')).not.toContain(good.slice(0, 40));
  });

  it('sends clients to its own host with autoredirect', async () => {
    const { host } = await serve({ autoredirect: true, autoredirectpath: '/v2/auth' });
    const realmFor = async (headers: Record<string, string>) =>
      challengeOf(await send(undefined, { path: '/v2/', headers }));
    expect(await realmFor({})).toBe(begin(`https://${host}/v2/auth`));
    expect(await realmFor({ 'x-forwarded-proto': 'http', host: 'images.example:5000' })).toBe(
      begin('http://images.example:5000/v2/auth'),
    );
    expect(await realmFor({ 'x-forwarded-proto': 'javascript', host: 'a",error="b' })).toBe(begin());
  });

  it('takes over a key that was changed behind a URL, and starts before the server does', async () => {
    tokens = await TokenServer.start({ ...OPTIONS, naming: 'kid' }, false);
    await open({ jwks: tokens.jwksUrl });
    const token = await tokens.issue('alice', []);
    const early = await send(token, { path: '/v2/' });
    expect([early.status, errorCodes(early)]).toEqual([503, ['UNAVAILABLE']]);
    await registry?.says('keys of tokens can not be fetched');
    expect(registry?.lines.filter((line) => line.includes('keys of tokens can not be fetched'))).toHaveLength(
      1,
    );
    await tokens.open();
    await expect
      .poll(async () => (await send(token, { path: '/v2/' })).status, { timeout: 20_000, interval: 500 })
      .toBe(200);
  });

  it('takes over a certificate that was changed, without a restart', async () => {
    await serve();
    const before = await tokens.issue('alice', []);
    expect((await send(before, { path: '/v2/' })).status).toBe(200);
    tokens.changeKey();
    await writeFile(join(temp.path, 'token.crt'), tokens.certificate);
    const after = await tokens.issue('alice', []);
    await expect
      .poll(async () => (await send(after, { path: '/v2/' })).status, { timeout: 20_000, interval: 300 })
      .toBe(200);
    expect((await send(before, { path: '/v2/' })).status).toBe(401);
  });

  it.each([
    ['missing', undefined, 'is not there.'],
    ['broken', 'nothing', 'has no certificate: it must have one or more between'],
  ])('does not start with a certificate that is %s', async (_what, content, reason) => {
    tokens = await TokenServer.start(OPTIONS, false);
    const path = join(temp.path, 'token.crt');
    if (content !== undefined) await writeFile(path, content);
    const env = {
      REGISTRY_AUTH: 'token',
      REGISTRY_AUTH_TOKEN_REALM: tokens.realm,
      REGISTRY_AUTH_TOKEN_SERVICE: NAMES.service,
      REGISTRY_AUTH_TOKEN_ISSUER: NAMES.issuer,
      REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: path,
      REGISTRY_HTTP_ADDR: `127.0.0.1:${await freePort()}`,
    };
    const ended = await runProgram(process.execPath, [PROGRAM, 'serve'], {
      cwd: temp.path,
      env,
      timeout: 20_000,
    });
    expect(ended.exitCode).toBe(2);
    const variable = 'REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE';
    expect(ended.stderr).toContain(`auth.token.rootcertbundle (${variable}): ${path} ${reason}`);
  });
});

describeWith({ tools: [...IMAGE_TOOLS, 'crane', 'oras', 'regctl'] }, 'clients with a token server', () => {
  const layout = async () => new OciLayout(join(await ensureImages(), 'busybox'));
  const { password } = OPTIONS.users['alice'] ?? { password: '' };
  /** Runs a client with a folder of its own for what it remembers. */
  const run = async (client: string, ...args: string[]) =>
    runProgram(tool(client), args, {
      cwd: temp.path,
      env: {
        HOME: temp.path,
        DOCKER_CONFIG: temp.path,
        REGCTL_CONFIG: join(temp.path, 'regctl.json'),
        REGISTRY_AUTH_FILE: join(temp.path, 'auth.json'),
      },
    });
  const done = async (client: string, ...args: string[]) => {
    const { exitCode, stdout, stderr } = await run(client, ...args);
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    if (exitCode !== 0) throw new Error(`${client} ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  const fails = async (client: string, ...args: string[]) => {
    const { exitCode, stdout, stderr } = await run(client, ...args);
    expect(exitCode).not.toBe(0);
    return `${stdout}${stderr}`.toLowerCase();
  };

  it('crane signs in, pushes and pulls, and is refused what it may not do', async () => {
    const { host, client } = await serve({}, { named: true });
    const { folder } = await layout();
    await done('crane', 'auth', 'login', host, '-u', 'alice', '-p', password, '--insecure');
    await done('crane', 'push', folder, `${host}/team/crane:1`, '--insecure');
    await done('crane', 'pull', '--format', 'oci', `${host}/team/crane:1`, 'back', '--insecure');
    expect(await new OciLayout(join(temp.path, 'back')).verifiedDigests()).toEqual(
      await (await layout()).verifiedDigests('1'),
    );
    await done('crane', 'copy', `${host}/team/crane:1`, `${host}/team/copied:1`, '--insecure');
    expect(await done('crane', 'catalog', host, '--insecure')).toContain('team/crane');
    expect(await fails('crane', 'push', folder, `${host}/other/crane:1`, '--insecure')).toMatch(
      /unauthorized|denied/,
    );
    await done('crane', 'auth', 'login', host, '-u', 'bob', '-p', 'readonly', '--insecure');
    await done('crane', 'manifest', `${host}/team/crane:1`, '--insecure');
    await fails('crane', 'tag', `${host}/team/crane:1`, '2', '--insecure');
    const authorization = `Bearer ${await tokens.issue('bob', ['repository:team/crane:pull'])}`;
    const tags = await client.send({ path: '/v2/team/crane/tags/list', headers: { authorization } });
    expect(JSON.parse(tags.body.toString())).toEqual({ name: 'team/crane', tags: ['1'] });
  });

  it('skopeo signs in, pushes and pulls, refuses a wrong password, and signs out', async () => {
    const { host } = await serve();
    const { folder } = await layout();
    const skopeo = ['--insecure-policy'];
    const login = (secret: string) => ['login', '--tls-verify=false', '-u', 'alice', '-p', secret, host];
    expect(await fails('skopeo', ...login('wrong'))).toMatch(/unauthorized|invalid username/);
    await done('skopeo', ...login(password));
    await done(
      'skopeo',
      ...skopeo,
      'copy',
      '-q',
      '--dest-tls-verify=false',
      `oci:${folder}:1`,
      `docker://${host}/team/sk:1`,
    );
    await done(
      'skopeo',
      ...skopeo,
      'copy',
      '-q',
      '--src-tls-verify=false',
      `docker://${host}/team/sk:1`,
      'oci:back:1',
    );
    await done('skopeo', 'list-tags', '--tls-verify=false', `docker://${host}/team/sk`);
    await done('skopeo', 'logout', host);
    expect(await fails('skopeo', 'inspect', '--tls-verify=false', `docker://${host}/team/sk:1`)).toMatch(
      /unauthorized|authentication required|denied/,
    );
  });

  it('oras and regctl sign in, push and pull, by GET or by a form', async () => {
    const { host } = await serve();
    await writeFile(join(temp.path, 'report.txt'), 'all is well');
    await done('oras', 'login', '--plain-http', '-u', 'alice', '-p', password, host);
    await done('oras', 'push', '--plain-http', `${host}/team/oras:1`, 'report.txt:text/plain');
    await done('oras', 'pull', '--plain-http', '-o', 'pulled', `${host}/team/oras:1`);
    await done('regctl', 'registry', 'set', '--tls=disabled', host);
    await done('regctl', 'registry', 'login', '-u', 'alice', '-p', password, host);
    await done('regctl', 'image', 'copy', `${host}/team/oras:1`, `${host}/team/regctl:1`);
    expect(await done('regctl', 'tag', 'ls', `${host}/team/regctl`)).toBe('1\n');
    expect(tokens.requests.every(({ account }) => account === 'alice' || account === undefined)).toBe(true);
    expect(tokens.requests.some(({ scopes }) => scopes.some((scope) => scope.includes('push')))).toBe(true);
  });

  it('whoever does not sign in may do what the server lets anybody do', async () => {
    const { host } = await serve({}, { anonymous: { 'repository:team/': ['pull'] }, named: true });
    const { folder } = await layout();
    const creds = ['--dest-creds', `alice:${password}`];
    await succeed(tool('skopeo'), [
      '--insecure-policy',
      'copy',
      '-q',
      '--dest-tls-verify=false',
      ...creds,
      `oci:${folder}:1`,
      `docker://${host}/team/app:1`,
    ]);
    await done('crane', 'pull', `${host}/team/app:1`, 'image.tar', '--insecure');
    expect(await fails('crane', 'push', folder, `${host}/team/app:2`, '--insecure')).toMatch(
      /unauthorized|denied/,
    );
  });
});

describeWith(
  { tools: [...IMAGE_TOOLS, 'containerd', 'ctr'], root: true },
  'containerd with a token server',
  () => {
    it('signs in by a form, pushes and pulls', async () => {
      const rights = { 'repository:ci/': ['pull', 'push'] } as const;
      const { host } = await serve({}, { users: { alice: { password: 'a b&c', rights } } });
      const { folder } = new OciLayout(join(await ensureImages(), 'busybox'));
      const tar = join(temp.path, 'back.tar');
      const script = join(import.meta.dirname, 'clients/containerd.sh');
      await succeed('bash', [script, host, folder, '1', tar, 'alice:a b&c']);
      const forms = tokens.requests.filter(({ method }) => method === 'POST');
      expect(forms).toContainEqual(
        expect.objectContaining({
          grant: 'password',
          account: 'alice',
          scopes: expect.arrayContaining(['repository:ci/ctr:pull,push']) as unknown,
        }),
      );
      const wrong = await runProgram('bash', [script, host, folder, '1', tar, 'alice:wrong']);
      expect(wrong.exitCode).not.toBe(0);
      expect(wrong.stderr).toMatch(/401|unauthorized|authorization failed/i);
    });
  },
);

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { ContainerModule } from 'inversify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Authenticator } from '../../src/application/ports/security/authenticator.js';
import { TOKENS as T } from '../../src/container/tokens.js';
import type { Access } from '../../src/domain/access/access.js';
import { Unauthorized } from '../../src/domain/access/unauthorized.js';
import { loadBcrypt } from '../../src/infrastructure/security/bcrypt.js';
import {
  type Answer,
  digestOf,
  errorCodes,
  type HttpClient,
  type RawRequest,
} from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

const ID = '0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f';
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('a registry with auth.htpasswd', () => {
  let temp: TempDir;
  let registry: InProcessRegistry;
  let client: HttpClient;
  const alice = { authorization: basic('alice', 'secret') };

  beforeAll(async () => {
    temp = await makeTempDir();
    const path = join(temp.path, 'htpasswd');
    const bcrypt = await loadBcrypt();
    await writeFile(path, `alice:${await bcrypt.hash(Buffer.from('secret'), 4)}\n`);
    registry = await InProcessRegistry.start({
      auth: { kind: 'htpasswd', realm: 'Registry', path },
      http: { headers: { 'Access-Control-Allow-Origin': ['https://ui.example.com'] } },
    });
    client = registry.client;
  });
  afterAll(async () => {
    await registry.stop();
    await temp.remove();
  });

  it.each([
    ['GET', '/v2/'],
    ['GET', '/v2'],
    ['GET', '/v2/_catalog'],
    ['GET', '/v2/app/tags/list'],
    ['GET', '/v2/app/manifests/v1'],
    ['PUT', '/v2/app/manifests/v1'],
    ['DELETE', '/v2/app/manifests/v1'],
    ['GET', `/v2/app/blobs/${digestOf('x')}`],
    ['DELETE', `/v2/app/blobs/${digestOf('x')}`],
    ['POST', '/v2/app/blobs/uploads/'],
    ['PATCH', `/v2/app/blobs/uploads/${ID}`],
    ['GET', `/v2/app/referrers/${digestOf('x')}`],
    // Neither the names nor the endpoints nor the methods there are.
    ['GET', '/v2/UPPER/tags/list'],
    ['GET', '/v2/app/nothing'],
    ['PROPFIND', '/v2/'],
    ['POST', '/v2/_catalog'],
  ])('tells a stranger nothing about %s %s', async (method, path) => {
    for (const authorization of [undefined, 'Bearer x', 'Basic x']) {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await client.send({ method, path, headers });
      expect([answer.status, errorCodes(answer), answer.headers['www-authenticate']]).toEqual([
        401,
        ['UNAUTHORIZED'],
        'Basic realm="Registry"',
      ]);
    }
  });

  it('names in the refusal what the request needs, in a stable order', async () => {
    const { body } = await client.send({ method: 'PUT', path: '/v2/app/manifests/v1', body: '{}' });
    expect(JSON.parse(body.toString())).toMatchObject({
      errors: [
        {
          detail: [
            { Type: 'repository', Class: '', Name: 'app', Action: 'pull' },
            { Type: 'repository', Class: '', Name: 'app', Action: 'push' },
          ],
        },
      ],
    });
  });

  it('answers HEAD without a body', async () => {
    const { status, body, headers } = await client.send({ method: 'HEAD', path: '/v2/app/manifests/v1' });
    expect([status, body.length, headers['www-authenticate']]).toEqual([401, 0, 'Basic realm="Registry"']);
  });

  it('lets the server be asked whether it lives, and browsers what they may send', async () => {
    expect((await client.send({ path: '/' })).status).toBe(200);
    const headers = { origin: 'https://ui.example.com', 'access-control-request-method': 'GET' };
    const answer = await client.send({ method: 'OPTIONS', path: '/v2/app/tags/list', headers });
    expect([answer.status, answer.headers['access-control-allow-headers']]).toEqual([
      204,
      expect.stringContaining('Authorization'),
    ]);
  });

  it('lets a user push, pull and delete', async () => {
    const send = (request: RawRequest): Promise<Answer> =>
      client.send({ ...request, headers: { ...request.headers, ...alice } });
    const digest = digestOf('bytes');
    const path = `/v2/app/blobs/uploads/?digest=${digest}`;
    expect((await send({ method: 'POST', path, body: 'bytes' })).status).toBe(201);
    expect((await send({ path: `/v2/app/blobs/${digest}` })).body.toString()).toBe('bytes');
    expect((await send({ path: '/v2/' })).status).toBe(200);
    expect((await send({ path: '/v2/_catalog' })).body.toString()).toBe('{"repositories":["app"]}');
    expect((await send({ method: 'POST', path: `/v2/b/blobs/uploads/?mount=${digest}` })).status).toBe(201);
    expect((await send({ method: 'DELETE', path: `/v2/app/blobs/${digest}` })).status).toBe(202);
    expect((await send({ path: '/v2/app/nothing' })).status).toBe(404);
  });

  it('refuses a wrong password, and goes on taking the right one', async () => {
    const wrong = { authorization: basic('alice', 'wrong') };
    expect((await client.send({ path: '/v2/', headers: wrong })).status).toBe(401);
    expect((await client.send({ path: '/v2/', headers: alice })).status).toBe(200);
  });

  it('never fails, whatever the header holds', async () => {
    const byte = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f);
    const text = fc.array(byte).map((codes) => String.fromCharCode(...codes));
    const noLogin = fc.oneof(
      text,
      text.map((rest) => `Basic ${rest}`),
      text.map((rest) => `Bearer ${rest}`),
      fc.base64String().map((rest) => `Basic ${Buffer.from(rest).toString('base64').replaceAll(/=/g, '')}`),
    );
    await fc.assert(
      fc.asyncProperty(
        noLogin.filter((header) => !Buffer.from(header.replace(/^basic /i, ''), 'base64').includes(':')),
        async (authorization) => {
          const answer = await client.send({ path: '/v2/app/tags/list', headers: { authorization } });
          expect([answer.status, errorCodes(answer)]).toEqual([401, ['UNAUTHORIZED']]);
        },
      ),
    );
  });
});

describe('a user who may not do everything', () => {
  let registry: InProcessRegistry;
  let client: HttpClient;
  const rights: Readonly<Record<string, RegExp>> = {
    root: /./,
    reader: /^repository:(open|ours)(\/.*)?:pull$/,
    writer: /^repository:(ours:(pull|push)|open:pull)$/,
  };
  /** The name is the credential. */
  const byName: Authenticator = {
    recall: (authorization, wanted) =>
      authorization === 'regular' && wanted.every(({ action }) => action === 'pull')
        ? { name: 'regular', may: ({ action }) => action === 'pull' }
        : undefined,
    authenticate: async ({ authorization = '' }, wanted) => {
      const allowed = rights[authorization];
      const may = (access: Access) =>
        allowed?.test(`${access.type}:${access.name}:${access.action}`) ?? false;
      const needed = wanted.filter(({ isOptional }) => isOptional !== true);
      if (allowed === undefined || !needed.every(may)) throw new Unauthorized('no', 'Test', wanted);
      return { name: authorization, may };
    },
  };
  const as = (user: string, method: string, path: string, body?: string): Promise<Answer> =>
    client.send({ method, path, headers: { authorization: user }, ...(body === undefined ? {} : { body }) });
  const push = async (repository: string, content: string): Promise<string> => {
    const digest = digestOf(content);
    const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`;
    expect((await as('root', 'POST', path, content)).status).toBe(201);
    return digest;
  };

  beforeAll(async () => {
    const security = new ContainerModule(({ rebind }) => {
      rebind(T.authenticator).toConstantValue(byName);
    });
    registry = await InProcessRegistry.start({}, security);
    client = registry.client;
  });
  afterAll(async () => registry.stop());

  it.each([
    ['reader', 'GET', '/v2/open/tags/list', 404],
    ['reader', 'GET', '/v2/hidden/tags/list', 401],
    ['reader', 'POST', '/v2/open/blobs/uploads/', 401],
    ['reader', 'GET', '/v2/_catalog', 401],
    ['reader', 'GET', '/v2/', 200],
    ['writer', 'POST', '/v2/ours/blobs/uploads/', 202],
    ['writer', 'DELETE', '/v2/ours/manifests/v1', 401],
    ['nobody', 'GET', '/v2/', 401],
    // Known at once, for what he wants here alone.
    ['regular', 'GET', '/v2/open/tags/list', 404],
    ['regular', 'POST', '/v2/open/blobs/uploads/', 401],
  ])('%s: %s %s is answered with %i', async (user, method, path, status) => {
    expect((await as(user, method, path)).status).toBe(status);
  });

  it('gets the same answer for what is there and for what is not', async () => {
    await push('hidden', 'here');
    const bodies = await Promise.all(
      ['here', 'not here'].map(async (content) => {
        const { status, headers, body } = await as('reader', 'GET', `/v2/hidden/blobs/${digestOf(content)}`);
        return [status, headers['www-authenticate'], body.toString()];
      }),
    );
    expect(bodies[0]).toEqual(bodies[1]);
  });

  it('cancels his own upload without the right to delete', async () => {
    const { headers } = await as('writer', 'POST', '/v2/ours/blobs/uploads/');
    expect((await as('writer', 'DELETE', String(headers.location))).status).toBe(204);
  });

  it('mounts from what he may pull, and is told to upload where he may not', async () => {
    const open = await push('open', 'open content');
    const hidden = await push('hidden', 'hidden content');
    const mount = async (digest: string, from?: string): Promise<number> => {
      const source = from === undefined ? '' : `&from=${from}`;
      return (await as('writer', 'POST', `/v2/ours/blobs/uploads/?mount=${digest}${source}`)).status;
    };
    expect(await mount(hidden, 'hidden')).toBe(202);
    expect(await mount(digestOf('nowhere'), 'hidden')).toBe(202);
    expect(await mount(hidden)).toBe(202);
    expect((await as('writer', 'HEAD', `/v2/ours/blobs/${hidden}`)).status).toBe(404);
    expect(await mount(open, 'open')).toBe(201);
  });

  it('mounts without a source from the one of several that he may pull', async () => {
    const digest = await push('hidden', 'in both');
    await push('another', 'in both');
    await push('open', 'in both');
    const path = `/v2/ours/blobs/uploads/?mount=${digest}`;
    expect((await as('writer', 'POST', path)).status).toBe(201);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { ContainerModule } from 'inversify';
import type { AccessRecord } from '../../src/application/ports/system/access-log.js';
import { TOKENS as T } from '../../src/container/tokens.js';
import type { Config } from '../../src/infrastructure/config/config.js';
import { endpointSettings, notificationSettings } from '../support/event-endpoint.js';
import { digestOf, type Answer } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { pushBlob } from '../support/registry-actions.js';

const CONTENT = Buffer.alloc(200_000, 'stowage ');
const ACCEL = { header: 'X-Accel-Redirect', location: '/files/' } as const;
const FORWARDED = { 'x-forwarded-for': '192.0.2.7' };
const DIGEST = digestOf(CONTENT);
const HEX = DIGEST.slice('sha256:'.length);
const IN_TREE = `docker/registry/v2/blobs/sha256/${HEX.slice(0, 2)}/${HEX}/data`;
const PATH = `/v2/team/app/blobs/${DIGEST}`;

describe('blobs behind a proxy that can send files', () => {
  let registry: InProcessRegistry;
  const records: AccessRecord[] = [];

  async function start(sendfile: Config['http']['sendfile'], trustedproxies = ['127.0.0.1']): Promise<void> {
    registry = await InProcessRegistry.start(
      { http: { trustedproxies, sendfile } },
      new ContainerModule(({ rebind }) => {
        rebind(T.accessLog).toConstantValue({ enabled: true, record: (record) => records.push(record) });
      }),
    );
    // As if its files lay in a folder.
    Object.defineProperty(registry.container.get(T.storageDriver), 'root', { value: '/srv/all images' });
    await pushBlob(registry.client, 'team/app', CONTENT);
  }

  afterEach(async () => registry.stop());

  const get = (headers: Readonly<Record<string, string>> = {}, path = PATH): Promise<Answer> =>
    registry.client.send({ path, headers: { ...FORWARDED, ...headers } });
  const isLeft = ({ headers }: Answer): boolean => headers['x-accel-redirect'] !== undefined;

  it('are left to nginx by the location: the headers of a pull, and no byte', async () => {
    await start(ACCEL);
    const { status, headers, body } = await get();
    expect([status, body.length]).toEqual([200, 0]);
    expect(headers).toMatchObject({
      'x-accel-redirect': `/files/${IN_TREE}`,
      'content-length': '0',
      'content-type': 'application/octet-stream',
      'docker-content-digest': DIGEST,
      etag: `"${DIGEST}"`,
      'docker-distribution-api-version': 'registry/2.0',
    });
    // It would give it to an error of its own as well.
    expect(headers['cache-control']).toBeUndefined();
    // nginx says it itself, and would say it twice; of a part it does not.
    expect(headers['accept-ranges']).toBeUndefined();
    expect((await get({ range: 'bytes=0-' })).headers['accept-ranges']).toBe('bytes');
  });

  it('are left to Apache by the path of the file', async () => {
    await start({ header: 'X-Sendfile' });
    const { status, headers, body } = await get();
    expect([status, body.length]).toEqual([200, 0]);
    expect(headers).toMatchObject({
      'x-sendfile': `/srv/all%20images/${IN_TREE}`,
      'docker-content-digest': DIGEST,
      etag: `"${DIGEST}"`,
      'accept-ranges': 'bytes',
      'cache-control': 'max-age=31536000',
    });
    expect(headers['x-accel-redirect']).toBeUndefined();
  });

  it.each([
    ['all of it', {}],
    ['a part', { range: 'bytes=10-90000' }],
    ['the end', { range: 'bytes=-90000' }],
    ['everything behind a byte', { range: 'bytes=10-' }],
    ['a part of this very content', { range: 'bytes=10-', 'if-range': `"${DIGEST}"` }],
    ['with a condition of the range, but without one', { 'if-range': '"another"' }],
  ])('are left to it when the client wants %s', async (_what, headers) => {
    await start(ACCEL);
    const answer = await get(headers);
    expect([answer.status, answer.body.length, isLeft(answer)]).toEqual([200, 0, true]);
    expect(answer.headers['content-range']).toBeUndefined();
  });

  it.each<[string, Readonly<Record<string, string>>, number, number]>([
    ['a small part', { range: 'bytes=10-65545' }, 206, 65_536],
    ['parts', { range: 'bytes=0-9,20-' }, 200, CONTENT.length],
    ['another unit', { range: 'lines=1-2' }, 200, CONTENT.length],
    ['a part in another form', { range: 'bytes=\t0-' }, 206, CONTENT.length],
    ['a part of something else', { range: 'bytes=10-', 'if-range': '"another"' }, 200, CONTENT.length],
    [
      'a part of what is older',
      { range: 'bytes=10-', 'if-range': 'Fri, 27 Nov 2026 10:00:00 GMT' },
      200,
      CONTENT.length,
    ],
    ['what has changed', { 'if-none-match': '"another"' }, 200, CONTENT.length],
    ['what is new', { 'if-modified-since': 'Fri, 27 Nov 2099 10:00:00 GMT' }, 200, CONTENT.length],
    ['what is old', { 'if-unmodified-since': 'Fri, 27 Nov 1999 10:00:00 GMT' }, 200, CONTENT.length],
    ['what is the same', { 'if-match': '"another"' }, 200, CONTENT.length],
  ])('come from the registry, as ever, when the client wants %s', async (_what, headers, status, bytes) => {
    await start(ACCEL);
    const answer = await get(headers);
    expect([answer.status, answer.body.length, isLeft(answer)]).toEqual([status, bytes, false]);
    expect(answer.headers['accept-ranges']).toBe('bytes');
  });

  it('are answered by the registry where no bytes are asked for: HEAD, 304, 416, 404', async () => {
    await start(ACCEL);
    const head = await registry.client.send({ method: 'HEAD', path: PATH, headers: FORWARDED });
    expect([head.status, head.headers['content-length']]).toEqual([200, String(CONTENT.length)]);
    const others = [
      head,
      await get({ 'if-none-match': `"${DIGEST}"` }),
      await get({ range: `bytes=${CONTENT.length}-` }),
      await get({}, `/v2/team/other/blobs/${DIGEST}`),
    ];
    expect(others.map(({ status }) => status)).toEqual([200, 304, 416, 404]);
    expect(others.some(isLeft)).toBe(false);
  });

  it.each([64 * 1024, 1])('come from the registry when they have %i bytes', async (size) => {
    await start(ACCEL);
    const content = Buffer.alloc(size, 'x');
    const path = `/v2/team/app/blobs/${digestOf(content)}`;
    const query = `digest=${digestOf(content)}`;
    const upload = { method: 'POST', path: `/v2/team/app/blobs/uploads/?${query}`, body: content };
    expect((await registry.client.send(upload)).status).toBe(201);
    const answer = await get({}, path);
    expect([answer.status, answer.body.equals(content), isLeft(answer)]).toEqual([200, true, false]);
  });

  it('come from the registry for whoever is not that proxy, whatever he says', async () => {
    await start(ACCEL, ['192.0.2.1']);
    const { status, body, headers } = await get();
    expect([status, body.equals(CONTENT), headers['x-accel-redirect']]).toEqual([200, true, undefined]);
  });

  it('come from the registry for who is on the machine of the proxy and asks for himself', async () => {
    await start(ACCEL);
    const { status, body } = await registry.client.send({ path: PATH });
    expect([status, body.equals(CONTENT)]).toEqual([200, true]);
  });

  it('come from the registry when nothing is said of it', async () => {
    await start(undefined);
    const { status, body } = await get();
    expect([status, body.equals(CONTENT)]).toEqual([200, true]);
  });

  it('are told with no bytes in the access log, and as a pull to whoever listens', async () => {
    await start(ACCEL);
    const dispatch = await registry.container.getAsync(T.eventDispatch);
    await dispatch.replaceSettings(notificationSettings(endpointSettings('hook', 'http://127.0.0.1:1/')));
    const outbox = await registry.container.getAsync(T.outbox);
    const { newest } = outbox.end();
    await get();
    const { status, bytes, client } = records.at(-1) ?? {};
    expect([status, bytes, client]).toEqual([200, 0, '192.0.2.7']);
    await (await registry.container.getAsync(T.pullEvents)).flush();
    const [event, ...more] = outbox.after(newest, 10).flatMap(({ id }) => outbox.read(id) ?? []);
    expect([event?.action, event?.target.digest, event?.target.size, more.length]).toEqual([
      'pull',
      DIGEST,
      CONTENT.length,
      0,
    ]);
  });
});

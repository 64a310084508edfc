import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { S3Client } from '../../../../src/infrastructure/storage/drivers/s3/client/s3-client.js';
import type { ClientTuning } from '../../../../src/infrastructure/storage/drivers/s3/client/client-options.js';
import { FaultyS3, type S3Fault, type SeenRequest } from '../../../support/faulty-s3.js';
import { NEEDS_RGW, useRgwBucket } from '../../../support/rgw.js';
import { describeWith } from '../../../support/tools.js';

const MIB = 1024 ** 2;
/** Pauses that a test need not wait for. */
const SOON = { firstPause: 1, longestPause: 5 };
/** Patience that ends soon, where nothing will come. */
const IMPATIENT = { idleTimeout: 700, slowTimeout: 700 };
const SLOW_DOWN: S3Fault = {
  kind: 'answer',
  status: 503,
  code: 'SlowDown',
  message: 'Reduce your request rate',
};

const is =
  (method: string, part = '') =>
  (request: SeenRequest) =>
    request.method === method && request.url.includes(part);

describeWith(NEEDS_RGW, 'S3Client and a store that does wrong', () => {
  const use = useRgwBucket();
  let faulty: FaultyS3;
  beforeEach(async () => {
    faulty = await FaultyS3.before(use().port);
  });
  afterEach(async () => {
    await faulty.close();
  });

  const client = (tuning: Partial<ClientTuning> = {}) =>
    new S3Client({ ...use().options, regionendpoint: faulty.endpoint }, { ...SOON, ...tuning });
  const direct = () => new S3Client(use().options);
  const whole = async (store: S3Client, key: string) => {
    const body = await store.get(key);
    const buffer = Buffer.alloc((body?.size ?? 0) + 1);
    const bytes = (await body?.read(buffer)) ?? 0;
    body?.close();
    return buffer.subarray(0, bytes);
  };

  const PASSING: readonly (readonly [string, S3Fault])[] = [
    ['answers 500', { kind: 'answer', status: 500, code: 'InternalError' }],
    ['answers 503', SLOW_DOWN],
    ['answers 429', { kind: 'answer', status: 429 }],
    [
      'has a proxy that answers HTML',
      { kind: 'answer', status: 502, body: '<html><h1>Bad gateway</h1></html>' },
    ],
    ['cuts the connection before it has the request', { kind: 'cut', forward: false }],
    ['cuts the connection when it has done it', { kind: 'cut', forward: true }],
    ['does not answer', { kind: 'silent', forward: false }],
    ['does it and does not answer', { kind: 'silent', forward: true }],
  ];

  it.each(PASSING)('does everything as if nothing were, when the store once %s', async (_what, fault) => {
    const store = client(fault.kind === 'silent' ? IMPATIENT : {});
    const bytes = randomBytes(6 * MIB);
    const once = async <T>(call: () => Promise<T>) => {
      faulty.heal();
      faulty.inject(fault);
      return call();
    };
    await once(async () => store.put('all/put', [bytes]));
    expect(await once(async () => store.head('all/put'))).toMatchObject({ size: bytes.length });
    expect((await once(async () => whole(store, 'all/put'))).equals(bytes)).toBe(true);
    expect(await once(async () => store.copy('all/put', 'all/copy', undefined, bytes.length))).toBe(true);
    const uploadId = await once(async () => store.createMultipart('all/parts'));
    const parts = [
      await once(async () => store.uploadPart('all/parts', uploadId, 1, [bytes])),
      await once(async () => store.copyPart('all/parts', uploadId, 2, 'all/put')),
    ];
    await once(async () => store.completeMultipart('all/parts', uploadId, parts));
    expect((await direct().head('all/parts'))?.size).toBe(2 * bytes.length);
    const keys: string[] = [];
    await once(async () => {
      for await (const { objects } of store.list({ prefix: 'all/' }))
        keys.push(...objects.map(({ key }) => key));
    });
    expect(keys).toEqual(['all/copy', 'all/parts', 'all/put']);
    await once(async () => store.delete('all/put'));
    await once(async () => store.deleteAll(keys));
    await once(async () => store.probe());
    expect(await once(async () => store.now())).toBeGreaterThan(0);
    for await (const page of direct().list({ prefix: 'all/' })) expect(page.objects).toEqual([]);
    for await (const upload of direct().openMultiparts('all/parts'))
      await direct().abortMultipart(upload.key, upload.uploadId);
  });

  it('says that the storage is unavailable when it stays so, after few attempts', async () => {
    faulty.inject(SLOW_DOWN, undefined, Infinity);
    await expect(client().put('kept', [Buffer.from('x')])).rejects.toMatchObject({
      name: 'StorageFault',
      kind: 'unavailable',
      message: expect.stringMatching(
        /^S3 refused to put kept: .* answered HTTP 503, SlowDown: Reduce your request rate\.$/,
      ) as string,
    });
    expect(faulty.requests.length).toBe(5);
    faulty.heal();
    await client().put('kept', [Buffer.from('x')]);
  });

  it.each([
    ['cut', { kind: 'cut', forward: false } as const, /failed to look at a: the connection to .* failed/],
    ['silent', { kind: 'silent', forward: false } as const, /failed to look at a: .*nothing came for 0\.7 s/],
  ])('says what happened when connections are %s', async (_what, fault, sentence) => {
    faulty.inject(fault, undefined, Infinity);
    await expect(client({ ...IMPATIENT, attempts: 2 }).head('a')).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(sentence) as string,
    });
  });

  it.each([
    ['is cut', MIB, { kind: 'half', afterwards: 'cut' } as const],
    ['stops', MIB, { kind: 'half', afterwards: 'silence' } as const],
    ['is shorter than announced', MIB, { kind: 'length', difference: 1000 } as const],
    ['is large and cut', 20 * MIB, { kind: 'half', afterwards: 'cut' } as const],
    ['is large and stops', 20 * MIB, { kind: 'half', afterwards: 'silence' } as const],
    ['is large and shorter than announced', 20 * MIB, { kind: 'length', difference: 1000 } as const],
  ])('gives a body that %s to nobody as whole', async (_what, size, fault) => {
    const bytes = randomBytes(size);
    await direct().put('half', [bytes]);
    // Each time: on a busy machine the first answer may come too late, and is asked for again.
    faulty.inject(fault, is('GET'), Infinity);
    // Of the body only its length, since what is wrong would be printed.
    const length = whole(client(IMPATIENT), 'half').then((body) => body.length);
    await expect(length).rejects.toMatchObject({ name: 'StorageFault', kind: 'unavailable' });
    faulty.heal();
    expect((await whole(client(), 'half')).equals(bytes)).toBe(true);
  });

  it('reads no more of a body than was announced', async () => {
    await direct().put('longer', [Buffer.alloc(1000, 1)]);
    faulty.inject({ kind: 'length', difference: -100 }, is('GET'));
    const body = await client().get('longer');
    expect(body?.size).toBe(900);
    body?.close();
    expect((await whole(client(), 'longer')).length).toBe(1000);
  });

  it('takes half of a list for none, and asks again', async () => {
    for (let index = 0; index < 50; index += 1) await direct().put(`list/${index}`, []);
    faulty.inject({ kind: 'half', afterwards: 'cut' }, is('GET', 'list-type=2'));
    for await (const { objects } of client().list({ prefix: 'list/' })) expect(objects.length).toBe(50);
  });

  it('refuses the part of an object that was not asked for', async () => {
    await direct().put('range', [Buffer.from('0123456789')]);
    faulty.inject({ kind: 'headers', headers: { 'content-range': 'bytes 4-9/10' } }, is('GET'), Infinity);
    await expect(client({ attempts: 2 }).get('range', { start: 5 })).rejects.toMatchObject({
      name: 'StorageFault',
    });
  });

  it('completes an upload whose first answer was lost, although it is gone then', async () => {
    const bytes = randomBytes(5 * MIB);
    const store = client();
    const uploadId = await store.createMultipart('lost');
    const part = await store.uploadPart('lost', uploadId, 1, [bytes]);
    faulty.inject({ kind: 'cut', forward: true }, is('POST', 'uploadId'));
    await store.completeMultipart('lost', uploadId, [part]);
    expect((await whole(direct(), 'lost')).equals(bytes)).toBe(true);
  });

  it('believes no success behind whose head an error comes', async () => {
    const store = client();
    await store.put('late-error', [Buffer.from('x')]);
    const error =
      '<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>';
    faulty.inject({ kind: 'answer', status: 200, body: error }, is('PUT'));
    expect(await store.copy('late-error', 'late-copy', undefined, 1)).toBe(true);
    expect((await direct().head('late-copy'))?.size).toBe(1);
    const final = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>';
    faulty.inject({ kind: 'answer', status: 200, body: final }, is('PUT'));
    await expect(store.copy('late-error', 'late-copy', undefined, 1)).rejects.toMatchObject({
      kind: 'denied',
    });
    faulty.inject({ kind: 'answer', status: 200, body: '' }, is('PUT'));
    expect(await store.copy('late-error', 'late-copy', undefined, 1)).toBe(true);
  });

  it('tells of keys that a batch could not delete, after it has asked again', async () => {
    await direct().put('batch/1', []);
    await direct().put('batch/2', []);
    const failed = (code: string) =>
      `<DeleteResult><Error><Key>batch/2</Key><Code>${code}</Code><Message>x</Message></Error></DeleteResult>`;
    faulty.inject({ kind: 'answer', status: 200, body: failed('InternalError') }, is('POST'));
    await client().deleteAll(['batch/1', 'batch/2']);
    expect(faulty.requests.at(-1)?.body.toString()).not.toContain('batch/1');
    expect(await direct().head('batch/2')).toBeUndefined();
    faulty.inject({ kind: 'answer', status: 200, body: failed('AccessDenied') }, is('POST'));
    await expect(client().deleteAll(['batch/1', 'batch/2'])).rejects.toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('batch/2') as string,
    });
    expect(faulty.requests.at(-1)?.headers['content-md5']).toMatch(/^[\w+/]{22}==$/);
  });

  it('sends one request after the other on the same connection', async () => {
    const store = client();
    for (let time = 0; time < 10; time += 1) {
      await store.put('same connection', [Buffer.from('x')]);
      await store.head('same connection');
      await store.head('nothing there');
      await store.delete('same connection');
    }
    expect(faulty.connections).toBe(1);
    await store.put('same connection', [Buffer.alloc(300_000, 1)]);
    for (let time = 0; time < 10; time += 1) await whole(store, 'same connection');
    // One more, for bodies.
    expect(faulty.connections).toBe(2);
  });

  it('repeats on a connection that the store had closed meanwhile', async () => {
    const store = client();
    await store.put('again', [Buffer.from('x')]);
    for (let time = 0; time < 20; time += 1) {
      faulty.dropConnections();
      expect((await store.head('again'))?.size).toBe(1);
    }
  });

  it('lets others through while many read slowly', async () => {
    await direct().put('slow', [randomBytes(2 * MIB)]);
    const store = client({ sockets: 2 });
    const bodies = await Promise.all(Array.from({ length: 20 }, async () => store.get('slow')));
    expect((await store.head('slow'))?.size).toBe(2 * MIB);
    for (const body of bodies) body?.close();
  });

  it('signs what it sends without TLS, so that nothing changes on its way', async () => {
    await client().put('signed', [Buffer.from('x')]);
    expect(faulty.requests[0]?.headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/);
  });
});

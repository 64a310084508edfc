import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { createHash, randomBytes } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { S3Client } from '../../../../src/infrastructure/storage/drivers/s3/client/s3-client.js';
import type { RequestTrace } from '../../../../src/infrastructure/storage/drivers/s3/client/client-options.js';
import type {
  ListRequest,
  ObjectBody,
} from '../../../../src/infrastructure/storage/drivers/s3/object-store.js';
import { NEEDS_RGW, useRgwBucket } from '../../../support/rgw.js';
import { RGW_KEYS } from '../../../support/s3-options.js';
import { describeWith } from '../../../support/tools.js';

const MIB = 1024 ** 2;
/** What a key may hold, and what encodings stumble over. */
const ODD_KEYS = ['a b', 'a+b', 'a%2Fb', "q'(*)!", 'ä€𝄞', '&lt;"<>', 'x~0', 'tab\there', 'c:=@,;$?#'];

async function content(body: ObjectBody | undefined, piece = 300_000): Promise<Buffer> {
  if (body === undefined) throw new Error('there is no such object');
  const parts: Buffer[] = [];
  for (;;) {
    const buffer = Buffer.alloc(piece);
    const bytes = await body.read(buffer);
    parts.push(buffer.subarray(0, bytes));
    if (bytes < piece) break;
  }
  body.close();
  return Buffer.concat(parts);
}

describeWith(NEEDS_RGW, 'S3Client against RGW', () => {
  const use = useRgwBucket();
  afterEach(() => vi.unstubAllEnvs());
  const client = (given: Partial<ReturnType<typeof use>['options']> = {}, traces: RequestTrace[] = []) =>
    new S3Client({ ...use().options, ...given }, { onRequest: (trace) => void traces.push(trace) });

  const theirs = async (key: string) => {
    const answer = await use().aws.send(new GetObjectCommand({ Bucket: use().bucket, Key: key }));
    return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
  };
  const put = async (key: string, body: Uint8Array | string) =>
    use().aws.send(new PutObjectCommand({ Bucket: use().bucket, Key: key, Body: body }));
  const keysOf = async (request: ListRequest) => {
    const pages: { objects: string[]; prefixes: string[] }[] = [];
    for await (const { objects, prefixes } of client().list(request)) {
      pages.push({ objects: objects.map(({ key }) => key), prefixes: [...prefixes] });
    }
    return pages;
  };

  it.each(ODD_KEYS)(
    'puts, finds, reads, copies and deletes at the key "%s" what another client sees',
    async (name) => {
      const store = client();
      const key = `odd/${name}/data`;
      const bytes = randomBytes(1000);
      const { etag } = await store.put(key, [bytes.subarray(0, 100), bytes.subarray(100)], 'note1');
      expect(etag).toBe(createHash('md5').update(bytes).digest('hex'));
      expect(await theirs(key)).toEqual(bytes);
      expect(await store.head(key)).toMatchObject({ key, size: 1000, etag, note: 'note1' });
      expect(await content(await store.get(key))).toEqual(bytes);
      expect((await keysOf({ prefix: `odd/${name}` }))[0]?.objects).toEqual([key]);
      expect(await store.copy(key, `${key} copy`)).toBe(true);
      expect(await theirs(`${key} copy`)).toEqual(bytes);
      await store.delete(key);
      await store.deleteAll([`${key} copy`]);
      expect(await keysOf({ prefix: `odd/${name}` })).toEqual([{ objects: [], prefixes: [] }]);
    },
  );

  it('finds nothing where nothing is, and deletes it without a fault', async () => {
    const store = client();
    expect(await store.head('none')).toBeUndefined();
    expect(await store.get('none')).toBeUndefined();
    expect(await store.copy('none', 'to')).toBe(false);
    expect(await store.copy('none', 'to', undefined, 5)).toBe(false);
    await store.delete('none');
    await store.deleteAll(['none', 'none2']);
    await store.deleteAll([]);
    expect(await store.head('to')).toBeUndefined();
  });

  it('puts and reads an object without bytes', async () => {
    await client().put('empty', []);
    expect(await theirs('empty')).toEqual(Buffer.alloc(0));
    const body = await client().get('empty');
    expect(body?.size).toBe(0);
    expect(await content(body)).toEqual(Buffer.alloc(0));
  });

  it('reads large objects whole and in part, and knows the size of the whole', async () => {
    const bytes = randomBytes(12 * MIB + 17);
    await put('large', bytes);
    const store = client();
    for (const [range, part] of [
      [undefined, bytes],
      [{ start: 0 }, bytes],
      [{ start: 1 }, bytes.subarray(1)],
      [{ start: 0, end: 1 }, bytes.subarray(0, 1)],
      [{ start: 70_000, end: 2_000_000 }, bytes.subarray(70_000, 2_000_000)],
      [{ start: 1_000_000, end: 11_000_000 }, bytes.subarray(1_000_000, 11_000_000)],
      [{ start: bytes.length - 1, end: bytes.length + 100 }, bytes.subarray(-1)],
    ] as const) {
      const body = await store.get('large', range);
      expect(body?.size).toBe(bytes.length);
      expect((await content(body)).equals(part)).toBe(true);
    }
    await expect(store.get('large', { start: bytes.length })).rejects.toMatchObject({ name: 'StorageFault' });
  });

  it('keeps the connection of what was read to its end, and closes that of what was not', async () => {
    const store = client();
    await put('kept', randomBytes(MIB));
    for (let time = 0; time < 3; time += 1) {
      const body = await store.get('kept');
      expect(await body?.read(Buffer.alloc(10))).toBe(10);
      body?.close();
      expect((await content(await store.get('kept'))).length).toBe(MIB);
    }
    await store.close();
    expect((await content(await store.get('kept'))).length).toBe(MIB);
  });

  it('reads and copies what is at a key only if it is still the same', async () => {
    const store = client();
    const { etag } = await store.put('same', [Buffer.from('one')]);
    expect((await content(await store.get('same', undefined, etag))).toString()).toBe('one');
    expect(await store.copy('same', 'same2', etag, 3)).toBe(true);
    await store.put('same', [Buffer.from('two')]);
    await expect(store.get('same', undefined, etag)).rejects.toMatchObject({ kind: 'broken' });
    expect(await store.copy('same', 'same3', etag, 3)).toBe(false);
    expect(await store.copy('same', 'same3', etag)).toBe(false);
    expect(await store.head('same3')).toBeUndefined();
  });

  it('lists in pages, with folders, behind a key, and no more than asked for', async () => {
    const keys = Array.from({ length: 1_100 }, (_, index) => `pages/${String(index).padStart(4, '0')}`);
    const putting = client();
    await Promise.all(keys.map(async (key) => putting.put(key, [])));
    await client().put('pages/f+o/1', []);
    await client().put('pages/f+o/2', []);
    const pages = await keysOf({ prefix: 'pages/' });
    expect(pages.map(({ objects }) => objects.length)).toEqual([1000, 102]);
    expect(pages.flatMap(({ objects }) => objects)).toEqual([...keys, 'pages/f+o/1', 'pages/f+o/2']);
    const folders = await keysOf({ prefix: 'pages/', delimiter: '/', after: 'pages/1097' });
    expect(folders).toEqual([{ objects: ['pages/1098', 'pages/1099'], prefixes: ['pages/f+o/'] }]);
    const most = await keysOf({ prefix: 'pages/', after: 'pages/0000', most: 1_001 });
    expect(most.flatMap(({ objects }) => objects)).toEqual(keys.slice(1, 1_002));
    await client().deleteAll([...keys, 'pages/f+o/1', 'pages/f+o/2']);
    const left = await use().aws.send(new ListObjectsV2Command({ Bucket: use().bucket, Prefix: 'pages/' }));
    expect(left.KeyCount).toBe(0);
  });

  it('tells of an object in a list what a look at it tells', async () => {
    await client().put('told', [Buffer.from('x')]);
    for await (const { objects } of client().list({ prefix: 'told' })) {
      const head = await client().head('told');
      expect(objects).toEqual([{ ...head, modifiedAt: expect.any(Number) as number }]);
      expect(Math.abs((objects[0]?.modifiedAt ?? 0) - (head?.modifiedAt ?? 0))).toBeLessThan(1_000);
    }
  });

  it('makes an object of parts, its own and copied ones, which appears whole', async () => {
    const store = client();
    const [first, second, last] = [randomBytes(5 * MIB), randomBytes(6 * MIB), randomBytes(100)];
    await put('source', second);
    const uploadId = await store.createMultipart('parts');
    const parts = [
      await store.uploadPart('parts', uploadId, 1, [first.subarray(0, 1000), first.subarray(1000)]),
      await store.copyPart('parts', uploadId, 2, 'source'),
      await store.copyPart('parts', uploadId, 3, 'source', { start: MIB }),
      await store.copyPart('parts', uploadId, 4, 'source', { start: 0, end: 5 * MIB }),
      await store.uploadPart('parts', uploadId, 5, [last]),
    ];
    expect(await store.head('parts')).toBeUndefined();
    await store.completeMultipart('parts', uploadId, parts);
    const whole = Buffer.concat([first, second, second.subarray(MIB), second.subarray(0, 5 * MIB), last]);
    expect((await theirs('parts')).equals(whole)).toBe(true);
    // The answer of the first was lost, as it seems.
    await store.completeMultipart('parts', uploadId, parts);
    await expect(store.completeMultipart('parts', uploadId, parts.slice(1))).rejects.toThrow(
      /S3 refused to complete/,
    );
  });

  it('refuses to copy a part of what is not there, or is another', async () => {
    const store = client();
    await put('part-source', randomBytes(10));
    const uploadId = await store.createMultipart('refused');
    const copy = async (from: string, etag?: string) =>
      store.copyPart('refused', uploadId, 1, from, undefined, etag);
    await expect(copy('nowhere')).rejects.toMatchObject({ name: 'StorageFault' });
    await expect(copy('part-source', '0'.repeat(32))).rejects.toMatchObject({ name: 'StorageFault' });
    const ranged = store.copyPart('refused', uploadId, 1, 'part-source', { start: 2 }, '0'.repeat(32));
    await expect(ranged).rejects.toMatchObject({ name: 'StorageFault' });
    await store.abortMultipart('refused', uploadId);
  });

  it('finds open uploads of anybody, and ends them', async () => {
    const store = client();
    const { bucket, aws } = use();
    const theirId = await aws.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'open/a+b c' }));
    const ids = [theirId.UploadId];
    for (let index = 0; index < 5; index += 1) ids.push(await store.createMultipart(`open/${index}`));
    await store.createMultipart('elsewhere');
    const found: { key: string; uploadId: string; startedAt: number }[] = [];
    for await (const upload of store.openMultiparts('open/')) found.push(upload);
    expect(new Set(found.map(({ uploadId }) => uploadId))).toEqual(new Set(ids));
    expect(found.find(({ uploadId }) => uploadId === ids[0])?.key).toBe('open/a+b c');
    expect(Math.abs((found[0]?.startedAt ?? 0) - (await store.now()))).toBeLessThan(600_000);
    await Promise.all(found.map(async ({ key, uploadId }) => store.abortMultipart(key, uploadId)));
    const left = await aws.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: 'open/' }));
    expect(left.Uploads ?? []).toEqual([]);
    await store.abortMultipart('open/0', ids[1] ?? '');
  });

  it('copies what is larger than the threshold in parts, and leaves nothing of a copy that fails', async () => {
    const traces: RequestTrace[] = [];
    const store = client({ multipartcopythresholdsize: MIB, multipartcopychunksize: 5 * MIB }, traces);
    const bytes = randomBytes(12 * MIB);
    const { etag } = await store.put('copied', [bytes]);
    expect(await store.copy('copied', 'copy', etag, bytes.length)).toBe(true);
    expect((await theirs('copy')).equals(bytes)).toBe(true);
    expect(traces.filter(({ target }) => target.includes('partNumber')).length).toBe(3);
    // The part is below what the store takes, which it says when the upload is completed.
    const small = client({ multipartcopythresholdsize: 1, multipartcopychunksize: MIB });
    await expect(small.copy('copied', 'failed')).rejects.toMatchObject({ name: 'StorageFault' });
    expect(await store.head('failed')).toBeUndefined();
    for await (const upload of store.openMultiparts('failed')) expect(upload).toBeUndefined();
  });

  it('sends the class, the access list and the encryption with every object that it makes', async () => {
    const traces: RequestTrace[] = [];
    const store = client(
      { objectacl: 'public-read', multipartcopythresholdsize: MIB, multipartcopychunksize: 5 * MIB },
      traces,
    );
    await store.put('acl/put', [randomBytes(6 * MIB)]);
    await store.put('acl/small', [Buffer.from('x')]);
    await store.copy('acl/put', 'acl/large copy');
    await store.copy('acl/small', 'acl/copy');
    for (const name of ['put', 'small', 'large copy', 'copy']) {
      const answer = await fetch(`${use().endpoint}/${use().bucket}/acl/${encodeURIComponent(name)}`);
      expect([name, answer.status]).toEqual([name, 200]);
      await answer.arrayBuffer();
      const head = await use().aws.send(new HeadObjectCommand({ Bucket: use().bucket, Key: `acl/${name}` }));
      expect(head.ContentType).toBe('application/octet-stream');
    }
  });

  it('gives addresses under which anybody gets the object, until they expire', async () => {
    await put('öffentlich/a b', 'hello');
    const address = await client().addressOf('öffentlich/a b', 60);
    expect(await (await fetch(address)).text()).toBe('hello');
    const part = await fetch(address, { headers: { range: 'bytes=1-2' } });
    expect([part.status, await part.text()]).toEqual([206, 'el']);
    expect((await fetch(address.replace('a%20b', 'a%20c'))).status).toBe(403);
  });

  it('finds its keys in the environment when the configuration has none', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', RGW_KEYS.accesskey);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', RGW_KEYS.secretkey);
    const store = client({ accesskey: undefined, secretkey: undefined });
    await store.put('by environment', [Buffer.from('x')]);
    expect((await theirs('by environment')).toString()).toBe('x');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'NOBODY');
    const nobody = client({ accesskey: undefined, secretkey: undefined });
    await expect(nobody.probe()).rejects.toThrow(
      /access key that was found in the environment: correct it, or set/,
    );
  });

  it('says what to set when there are no keys anywhere', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
      vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) vi.stubEnv(name, '/nowhere/aws');
    await expect(client({ accesskey: undefined, secretkey: undefined }).probe()).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(
        /^There are no credentials for S3: set storage\.s3\.accesskey/,
      ) as string,
    });
  });

  it('answers with the time of the store', async () => {
    const { now } = await client().put('time', []);
    expect(Math.abs(now - Date.now())).toBeLessThan(60_000);
    expect(Math.abs((await client().now()) - Date.now())).toBeLessThan(60_000);
    await client().probe();
  });
});

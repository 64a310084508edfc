import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { S3Client } from '../../../../src/infrastructure/storage/drivers/s3/client/s3-client.js';
import { s3Options } from '../../../support/s3-options.js';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** A store that gives these answers, one after the other, and notes what it was asked. */
async function answering(...answers: readonly string[]) {
  const asked: Record<string, string>[] = [];
  const left = [...answers];
  server = createServer((request, response) => {
    asked.push(Object.fromEntries(new URL(request.url ?? '', 'http://store').searchParams));
    response.end(left.shift());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const regionendpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new S3Client(s3Options({ bucket: 'b', regionendpoint }), { attempts: 2, firstPause: 1 });
  return { client, asked };
}

const object = (key: string) =>
  `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00.500Z</LastModified><ETag>&#34;e&#34;</ETag></Contents>`;
const upload = (key: string, id: string) =>
  `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>2026-01-01T00:00:00Z</Initiated></Upload>`;

describe('a list of objects', () => {
  it('goes on by token, and says where to start only when it is asked to', async () => {
    const { client, asked } = await answering(
      `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t+/=</NextContinuationToken>${object('a')}</ListBucketResult>`,
      `<ListBucketResult><IsTruncated>false</IsTruncated>${object('c')}</ListBucketResult>`,
    );
    const found: unknown[] = [];
    for await (const { objects } of client.list({ prefix: 'p/', after: 'p/0', most: 5 }))
      found.push(...objects);
    expect(found).toEqual(
      ['a', 'c'].map((key) => ({ key, size: 1, etag: 'e', modifiedAt: Date.UTC(2026, 0) + 500 })),
    );
    const common = { 'list-type': '2', 'encoding-type': 'url', prefix: 'p/' };
    expect(asked).toEqual([
      { ...common, 'start-after': 'p/0', 'max-keys': '5' },
      { ...common, 'continuation-token': 't+/=', 'max-keys': '4' },
    ]);
  });

  it('takes keys as they are from a store that does not say that it encodes them', async () => {
    const { client } = await answering(
      `<ListBucketResult>${object('a%20b+c')}${object(' &amp; ')}</ListBucketResult>`,
    );
    const keys: string[] = [];
    for await (const { objects } of client.list({ prefix: '' })) keys.push(...objects.map(({ key }) => key));
    expect(keys).toEqual(['a%20b+c', ' & ']);
  });

  it.each([
    ['goes on, but not where', '<IsTruncated>true</IsTruncated>'],
    ['has an object without a size', '<Contents><Key>a</Key></Contents>'],
  ])('is a fault, and no shorter list, when it %s', async (_what, content) => {
    const { client } = await answering(`<ListBucketResult>${content}</ListBucketResult>`);
    await expect(client.list({ prefix: '' })[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      name: 'StorageFault',
      kind: 'unavailable',
    });
  });
});

describe('a list of open uploads', () => {
  it('goes on by both markers', async () => {
    const { client, asked } = await answering(
      `<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>p/a b</NextKeyMarker><NextUploadIdMarker>2~x</NextUploadIdMarker>${upload('p/a b', '2~x')}</ListMultipartUploadsResult>`,
      `<ListMultipartUploadsResult>${upload('p/c', 'y')}</ListMultipartUploadsResult>`,
    );
    const found: unknown[] = [];
    for await (const each of client.openMultiparts('p/')) found.push(each);
    const startedAt = Date.UTC(2026, 0);
    expect(found).toEqual([
      { key: 'p/a b', uploadId: '2~x', startedAt },
      { key: 'p/c', uploadId: 'y', startedAt },
    ]);
    expect(asked).toEqual([
      { uploads: '', prefix: 'p/' },
      { uploads: '', prefix: 'p/', 'key-marker': 'p/a b', 'upload-id-marker': '2~x' },
    ]);
  });
});

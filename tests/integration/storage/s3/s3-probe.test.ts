import { createServer as createTlsServer } from 'node:https';
import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { S3ClientOptions } from '../../../../src/infrastructure/storage/drivers/s3/client/client-options.js';
import { S3Client } from '../../../../src/infrastructure/storage/drivers/s3/client/s3-client.js';
import { NEEDS_RGW, rgwAdmin, useRgwBucket } from '../../../support/rgw.js';
import { succeed } from '../../../support/run-program.js';
import { s3Options } from '../../../support/s3-options.js';
import { freePort } from '../../../support/start-registry.js';
import { makeTempDir } from '../../../support/temp-dir.js';
import { describeWith } from '../../../support/tools.js';

const SOON = { firstPause: 1, longestPause: 5, attempts: 2, idleTimeout: 500, connectTimeout: 2_000 };
const LIST = '<ListBucketResult></ListBucketResult>';
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const sentence = async (options: S3ClientOptions) => {
  const fault: unknown = await new S3Client(options, SOON).probe().catch((error: unknown) => error);
  expect(fault).toMatchObject({ name: 'StorageFault' });
  const { message } = fault as Error;
  expect(message.split('\n')).toHaveLength(1);
  return message;
};

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describeWith(NEEDS_RGW, 'probe() against RGW', () => {
  const use = useRgwBucket();
  const given = (options: Partial<S3ClientOptions>) => ({ ...use().options, ...options });

  it('is content with a bucket that can be listed', async () => {
    await new S3Client(use().options).probe();
    await new S3Client(given({ rootdirectory: '/some/folder/' })).probe();
  });

  it('says which key to change when the keys are wrong, or the bucket is missing', async () => {
    expect(await sentence(given({ accesskey: 'NOBODY' }))).toMatch(
      /does not know the access key: correct storage\.s3\.accesskey\.$/,
    );
    expect(await sentence(given({ secretkey: 'wrong' }))).toMatch(/correct storage\.s3\.secretkey\.$/);
    const missing = `S3 refused to list the bucket nowhere: there is no bucket nowhere at ${use().endpoint}: make it, or correct storage.s3.bucket.`;
    expect(await sentence(given({ bucket: 'nowhere' }))).toBe(missing);
  });

  it('says that the policy does not allow it, when the keys are right and the bucket is somebody else’s', async () => {
    const keys = { accesskey: 'OTHERKEY', secretkey: 'other-secret' };
    const named = ['--uid', 'other', '--display-name', 'other'];
    await rgwAdmin(
      'user',
      'create',
      ...named,
      '--access-key',
      keys.accesskey,
      '--secret-key',
      keys.secretkey,
    );
    expect(await sentence(given(keys))).toMatch(
      /the policy of storage\.s3\.accesskey does not allow it in the bucket test-.*docs\/operations\.md/,
    );
  });

  it('says when it is TLS that nobody speaks there', async () => {
    const endpoint = use().endpoint.replace('http://', 'https://');
    expect(await sentence(given({ regionendpoint: endpoint }))).toMatch(
      /does not speak TLS .*storage\.s3\.secure/,
    );
  });
});

describe('probe()', () => {
  const answering = async (listener: RequestListener) => {
    const endpoint = `http://${await listen(createServer(listener))}`;
    return s3Options({ bucket: 'images', regionendpoint: endpoint });
  };
  const refusing = async (status: number, xml: string, headers: Record<string, string> = {}) =>
    answering((_request, response) => {
      response.writeHead(status, headers);
      response.end(xml && `<Error>${xml}</Error>`);
    });

  it.each([
    ['<Code>AuthorizationHeaderMalformed</Code><Region>eu-west-3</Region>', 400, {}],
    [
      "<Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong; expecting 'eu-west-3'</Message>",
      400,
      {},
    ],
    ['<Code>PermanentRedirect</Code><Endpoint>x</Endpoint>', 301, { 'x-amz-bucket-region': 'eu-west-3' }],
    ['', 301, { 'x-amz-bucket-region': 'eu-west-3' }],
    ['', 400, { 'x-amz-bucket-region': 'eu-west-3' }],
  ])('names the right region when the store tells it by %s', async (xml, status, headers) => {
    expect(await sentence(await refusing(status, xml, headers))).toMatch(
      /is not in storage\.s3\.region, which is us-east-1: set it to eu-west-3/,
    );
  });

  it('names the region when the store does not tell the right one', async () => {
    expect(await sentence(await refusing(301, '<Code>PermanentRedirect</Code>'))).toMatch(
      /is not in storage\.s3\.region, which is us-east-1: change/,
    );
  });

  it.each([
    [
      403,
      'RequestTimeTooSkewed',
      /the clock of this machine is wrong: it says 20\d\d-.*, the store 20\d\d-.*NTP/,
    ],
    [403, 'AccessDenied', /the policy of storage\.s3\.accesskey does not allow it/],
    [400, 'ExpiredToken', /storage\.s3\.sessiontoken is expired/],
    [400, 'InvalidBucketName', /correct storage\.s3\.bucket/],
    [403, 'SecondLevelDomainForbidden', /set storage\.s3\.forcepathstyle to false/],
    [400, 'KMS.NotFoundException', /storage\.s3\.keyid/],
    [400, 'InvalidStorageClass', /storage\.s3\.storageclass/],
    [400, 'AccessControlListNotSupported', /storage\.s3\.objectacl/],
  ])('answers %d %s with the key to change', async (status, code, expected) => {
    expect(await sentence(await refusing(status, `<Code>${code}</Code><Message>m</Message>`))).toMatch(
      expected,
    );
  });

  it('says when it is not S3 that answers', async () => {
    const options = await answering((_request, response) => response.end('<html>It works!</html>'));
    expect(await sentence(options)).toMatch(/does not answer as S3 does .*storage\.s3\.regionendpoint/);
  });

  it('says when nobody answers, and when there is no such host', async () => {
    const refused = s3Options({ bucket: 'b', regionendpoint: `http://127.0.0.1:${await freePort()}` });
    expect(await sentence(refused)).toMatch(
      /nobody answers there \(ECONNREFUSED\): correct storage\.s3\.regionendpoint/,
    );
    const nowhere = s3Options({ bucket: 'b', regionendpoint: 'http://nowhere.invalid' });
    expect(await sentence(nowhere)).toMatch(
      /cannot be reached, .* \((ENOTFOUND|EAI_AGAIN)\): correct storage\.s3\.regionendpoint/,
    );
  });

  it('says when the store does not answer in time', async () => {
    expect(await sentence(await answering(() => undefined))).toMatch(/nothing came for 0\.5 s/);
  });

  it('sends the user agent and the token that it was given', async () => {
    const seen: Record<string, unknown>[] = [];
    const options = await answering((request, response) => {
      seen.push(request.headers);
      response.end(LIST);
    });
    await new S3Client({ ...options, useragent: 'me/1', sessiontoken: 'T' }).probe();
    await new S3Client(options).probe();
    expect(seen[0]).toMatchObject({ 'user-agent': 'me/1', 'x-amz-security-token': 'T' });
    expect(seen[1]).toMatchObject({ 'user-agent': 'stowage' });
  });

  it('asks for new credentials when the store says that they have expired', async () => {
    const options = await answering((request, response) => {
      const isOld = request.headers.authorization?.includes('=OLD/');
      if (isOld) response.writeHead(400);
      response.end(isOld ? '<Error><Code>ExpiredToken</Code></Error>' : LIST);
    });
    const keys = ['OLD', 'NEW'];
    const source = {
      get: async () => Promise.resolve({ accessKeyId: keys[0] ?? '', secretAccessKey: 's' }),
      forget: () => keys.length > 1 && keys.shift() !== undefined,
    };
    await new S3Client(options, SOON, source).probe();
    expect(keys).toEqual(['NEW']);
  });
});

describeWith({ tools: ['openssl'] }, 'probe() by TLS', () => {
  const tlsStore = async (name: string) => {
    const folder = await makeTempDir();
    try {
      const [key, certificate] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')];
      const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${name}`, '-days', '2'];
      await succeed('openssl', [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        key,
        '-out',
        certificate,
        ...subject,
      ]);
      const server = createTlsServer(
        { key: await readFile(key), cert: await readFile(certificate) },
        (_request, response) => response.end(LIST),
      );
      return await listen(server);
    } finally {
      await folder.remove();
    }
  };

  it('says that the certificate is not trusted, and takes it when it is told to', async () => {
    const options = s3Options({ bucket: 'b', regionendpoint: await tlsStore('IP:127.0.0.1') });
    expect(await sentence(options)).toMatch(
      /certificate of https:\/\/.* is not trusted .*NODE_EXTRA_CA_CERTS.*storage\.s3\.skipverify/,
    );
    await new S3Client({ ...options, skipverify: true }).probe();
  });

  it('says what to do without TLS where TLS is spoken', async () => {
    const options = s3Options({ bucket: 'b', regionendpoint: await tlsStore('IP:127.0.0.1'), secure: false });
    expect(await sentence(options)).toMatch(/S3 failed to list the bucket b/);
  });
});

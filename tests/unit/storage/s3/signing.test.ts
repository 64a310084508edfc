import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  payloadHash,
  presign,
  signHeaders,
  UNSIGNED,
} from '../../../../src/infrastructure/storage/drivers/s3/client/sign.js';

/** The examples of the S3 API reference, "Signature Calculations for the Authorization Header" and "Using Query Parameters". */
const signing = {
  region: 'us-east-1',
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  date: Date.UTC(2013, 4, 24),
};
const host = 'examplebucket.s3.amazonaws.com';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the signature in the headers', () => {
  it.each([
    [
      'a put',
      {
        method: 'PUT',
        path: '/test%24file.text',
        query: {},
        headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      },
      'Welcome to Amazon S3.',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'a query without a value',
      { method: 'GET', path: '/', query: { lifecycle: '' }, headers: {} },
      '',
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'a list',
      { method: 'GET', path: '/', query: { 'max-keys': '2', prefix: 'J' }, headers: {} },
      '',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('is that of the example for %s', (_what, request, body, signature) => {
    const { headers } = signHeaders({ ...request, host }, sha256(body), signing);
    expect(headers['Authorization']).toContain(`Signature=${signature}`);
    expect(headers['Authorization']).toContain('/20130524/us-east-1/s3/aws4_request');
  });

  it('holds the token of temporary credentials, and says that the payload is not signed', () => {
    const credentials = { ...signing.credentials, sessionToken: 'token' };
    const request = { method: 'GET', host, path: '/a', query: {}, headers: {} };
    const { headers } = signHeaders(request, UNSIGNED, { ...signing, credentials });
    expect(headers).toMatchObject({
      'X-Amz-Security-Token': 'token',
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      'x-amz-date': '20130524T000000Z',
    });
    expect(headers['Authorization']).toMatch(/SignedHeaders=[^,]*x-amz-security-token/);
  });
});

describe('the signature in the query', () => {
  it('is that of the example, from a date of our choosing', () => {
    const path = presign({ method: 'GET', host, path: '/test.txt', query: {}, headers: {} }, 86_400, signing);
    const query = new URLSearchParams(path.slice(path.indexOf('?')));
    expect(Object.fromEntries(query)).toEqual({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
      'X-Amz-Date': '20130524T000000Z',
      'X-Amz-Expires': '86400',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    });
    expect(path.startsWith('/test.txt?')).toBe(true);
  });
});

describe('payloadHash', () => {
  it.each([
    ['nothing', []],
    ['one chunk', [Buffer.from('abc')]],
    ['many chunks and long ones', [Buffer.alloc(3_000_000, 1), Buffer.from('x'), Buffer.alloc(700_000, 2)]],
  ])('is the SHA-256 of %s', async (_what, content) => {
    const whole = createHash('sha256').update(Buffer.concat(content)).digest('hex');
    expect(await payloadHash(content)).toBe(whole);
  });
});

import { describe, expect, it } from 'vitest';
import { plainFields } from '../../../src/infrastructure/observability/plain-fields.js';
import { redact, redactText } from '../../../src/infrastructure/observability/redact.js';

describe('redaction', () => {
  it.each([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'password',
    'PASSWD',
    'clientSecret',
    'token',
    'refresh_token',
    '_state',
    'secretkey',
    'accesskey',
    'apiKey',
    'X-Amz-Signature',
  ])('masks the value of %s', (key) => {
    const line = JSON.stringify(
      redact(plainFields({ deep: [{ [key]: 'hunter2' }], [key]: { a: 'hunter2' } })),
    );
    expect(line).not.toContain('hunter2');
    expect(line).toContain(key);
  });

  it.each(['digest', 'repository', 'path', 'keys', 'state', 'statement', 'tag'])(
    'leaves %s as it is',
    (key) => {
      expect(redact({ [key]: 'value' })).toEqual({ [key]: 'value' });
    },
  );

  it.each([
    [
      'GET /v2/a/blobs/uploads/1?_state=hunter2&digest=sha256:ab',
      'GET /v2/a/blobs/uploads/1?_state=***&digest=sha256:ab',
    ],
    ['https://s3/b?X-Amz-Signature=hunter2', 'https://s3/b?X-Amz-Signature=***'],
    ['https://s3/b?a=1&X-Amz-Credential=hunter2&b=2', 'https://s3/b?a=1&X-Amz-Credential=***&b=2'],
    ['https://s3/b?X-Amz-Security-Token=hunter2', 'https://s3/b?X-Amz-Security-Token=***'],
    ['https://azure/b?sv=1&sig=hunter2', 'https://azure/b?sv=1&sig=***'],
    ['https://auth/?access_token=hunter2', 'https://auth/?access_token=***'],
    ['connect to https://me:hunter2@host/path failed', 'connect to https://***@host/path failed'],
    ['Authorization: Bearer hunter2.abc-_', 'Authorization: Bearer ***'],
    ['sent Basic aHVudGVyMg== twice', 'sent Basic *** twice'],
  ])('masks the credential in "%s"', (text, clean) => {
    expect(redactText(text)).toBe(clean);
  });

  it('leaves a text without credentials as it is', () => {
    const text = 'blob sha256:ab of library/alpine at 127.0.0.1:5000, mail a@b.c, n=10&last=x?';
    expect(redactText(text)).toBe(text);
  });
});

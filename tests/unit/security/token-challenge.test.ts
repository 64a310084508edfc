import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Access } from '../../../src/domain/access/access.js';
import { TokenChallenge } from '../../../src/infrastructure/security/token/token-challenge.js';
import { access, credentials, OPTIONS } from './token-under-test.js';

const plain = new TokenChallenge(OPTIONS);
const redirecting = new TokenChallenge({ ...OPTIONS, autoredirect: true, autoredirectpath: '/v2/token' });
const BEGIN = 'Bearer realm="https://auth.example/token",service="registry.example"';

describe('the challenge', () => {
  it.each<[string, readonly Access[], string]>([
    ['nothing', [], ''],
    ['one action', access('team/app', 'pull'), ',scope="repository:team/app:pull"'],
    ['actions in any order', access('a', 'delete', 'push', 'pull'), ',scope="repository:a:pull,push,delete"'],
    [
      'two repositories, in the order in which they are wanted',
      [...access('b', 'push'), ...access('a', 'pull'), ...access('b', 'pull')],
      ',scope="repository:b:pull,push repository:a:pull"',
    ],
    ['the catalog', [{ type: 'registry', name: 'catalog', action: '*' }], ',scope="registry:catalog:*"'],
    ['a name with a host', access('localhost:5000/a', 'pull'), ',scope="repository:localhost:5000/a:pull"'],
    ['what can be no name', access('a" b,c', 'pull'), ''],
    [
      'what can be no name, beside one',
      [...access('é', 'pull'), ...access('a', 'pull')],
      ',scope="repository:a:pull"',
    ],
    ['a name that is too long', access('a'.repeat(513), 'pull'), ''],
  ])('for %s is exactly this', (_what, wanted, rest) => {
    expect(plain.for(credentials(), wanted)).toBe(BEGIN + rest);
    for (const error of ['invalid_token', 'insufficient_scope'] as const) {
      expect(plain.for(credentials(), wanted, error)).toBe(`${BEGIN}${rest},error="${error}"`);
    }
  });

  it('quotes what the configuration says', () => {
    const odd = new TokenChallenge({ ...OPTIONS, service: 'Our "new\\" registry' });
    expect(odd.for(credentials(), [])).toContain(',service="Our \\"new\\\\\\" registry"');
  });

  it.each([
    ['registry.example', undefined, 'https://registry.example/v2/token'],
    ['registry.example:5000', 'http', 'http://registry.example:5000/v2/token'],
    ['127.0.0.1:5000', 'HTTPS', 'https://127.0.0.1:5000/v2/token'],
    ['[::1]:5000', 'http, https', 'http://[::1]:5000/v2/token'],
    ['registry_1', 'ftp', 'https://registry_1/v2/token'],
    ['registry', 'http://evil/?', 'https://registry/v2/token'],
    ['registry', '', 'https://registry/v2/token'],
    [undefined, 'http', 'https://auth.example/token'],
    ['', undefined, 'https://auth.example/token'],
    ['evil.example/x', undefined, 'https://auth.example/token'],
    ['user@evil.example', undefined, 'https://auth.example/token'],
    ['a",error="x', undefined, 'https://auth.example/token'],
    ['a b', undefined, 'https://auth.example/token'],
    ['a\r\nX-Evil: 1', undefined, 'https://auth.example/token'],
    ['a:99999999', undefined, 'https://auth.example/token'],
  ])('with autoredirect for host %j and protocol %j sends to %s', (host, forwardedProto, realm) => {
    expect(redirecting.for(credentials(undefined, { host, forwardedProto }), [])).toBe(
      `Bearer realm="${realm}",service="registry.example"`,
    );
    expect(plain.for(credentials(undefined, { host, forwardedProto }), [])).toBe(BEGIN);
  });

  it('is always of one form, whatever a client sends', () => {
    const form =
      /^Bearer realm="https?:\/\/[\w.:[\]/-]+",service="registry\.example"(,scope="[\w.:/, *-]+")?(,error="insufficient_scope")?$/;
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a', 'a:1', '[::1]', '"', 'http'),
    );
    const wanted = fc.array(
      fc.record({
        type: fc.constantFrom('repository' as const, 'registry' as const),
        name: text,
        action: fc.constantFrom('pull' as const, 'push' as const, 'delete' as const, '*' as const),
      }),
    );
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), wanted, (host, forwardedProto, all) => {
        const shown = credentials(undefined, { host, forwardedProto });
        expect(redirecting.for(shown, all, 'insufficient_scope')).toMatch(form);
      }),
    );
  });
});

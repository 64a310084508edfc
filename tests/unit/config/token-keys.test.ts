import { describe, expect, it } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../../src/infrastructure/security/token/token-options.js';
import { configured, CWD, file, problemsOf } from './configured.js';

const REALM = 'realm: "https://auth.example/token"';
const NAMES = `${REALM}, service: "Our registry", issuer: auth.example`;
/** A file with `auth.token`, by its keys in flow style. */
const token = (keys: string) => file(`auth: {token: {${keys}}}`);
const whole = (more = 'rootcertbundle: /root.pem') => token(`${NAMES}, ${more}`);

const DEFAULTS = {
  kind: 'token',
  realm: 'https://auth.example/token',
  service: 'Our registry',
  issuer: 'auth.example',
  rootcertbundle: '/root.pem',
  jwks: undefined,
  autoredirect: false,
  autoredirectpath: '/auth/token',
  signingalgorithms: SIGNING_ALGORITHMS,
};

describe('auth.token', () => {
  it('has the defaults of the reference registry', () => {
    const { config, report } = configured({ yaml: whole() });
    expect(config.auth).toEqual(DEFAULTS);
    expect(report.warnings).toEqual([]);
    expect(report.values).toContainEqual(expect.objectContaining({ key: 'auth.token.autoredirectpath' }));
  });

  it('is not there without being named', () => {
    const { config, report } = configured({});
    expect(config.auth).toBeUndefined();
    expect(report.values.filter(({ key }) => key.startsWith('auth'))).toEqual([]);
  });

  it('takes every key of the reference registry', () => {
    const keys =
      'rootcertbundle: certs/root.pem, jwks: jwks.json, autoredirect: true, autoredirectpath: /a/~b';
    const { config, report } = configured({ yaml: whole(`${keys}, signingalgorithms: [ES256, EdDSA]`) });
    expect(config.auth).toEqual({
      ...DEFAULTS,
      rootcertbundle: `${CWD}/certs/root.pem`,
      jwks: `${CWD}/jwks.json`,
      autoredirect: true,
      autoredirectpath: '/a/~b',
      signingalgorithms: ['ES256', 'EdDSA'],
    });
    expect(report.warnings).toEqual([]);
  });

  it('takes a URL for the key set', () => {
    const { config } = configured({ yaml: whole('jwks: "https://auth.example/jwks?a=b"') });
    expect(config.auth).toMatchObject({ jwks: 'https://auth.example/jwks?a=b', rootcertbundle: undefined });
  });

  it('comes from the environment, as in the recipe of docker run', () => {
    const env = {
      REGISTRY_AUTH: 'token',
      REGISTRY_AUTH_TOKEN_REALM: 'https://auth.example/token',
      REGISTRY_AUTH_TOKEN_SERVICE: 'Our registry',
      REGISTRY_AUTH_TOKEN_ISSUER: 'auth.example',
      REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: '/root.pem',
      REGISTRY_AUTH_TOKEN_SIGNINGALGORITHMS_0: 'RS256',
    };
    const expected = { ...DEFAULTS, signingalgorithms: ['RS256'] };
    expect(configured({ env }).config.auth).toEqual(expected);
    expect(configured({ yaml: file('auth: {htpasswd: {}}'), env }).config.auth).toEqual(expected);
    const { REGISTRY_AUTH_TOKEN_REALM: REGISTRY_AUTH_Token_Realm, ...rest } = env;
    expect(configured({ env: { ...rest, REGISTRY_AUTH_Token_Realm } }).config.auth).toEqual(expected);
  });

  it('is believed to authenticate, so that nobody is warned of an open registry', () => {
    expect(configured({ yaml: `${whole()}http: {addr: ":5000"}\n` }).report.warnings).toEqual([]);
  });

  it.each<[string, string, RegExp[]]>([
    [
      'its name alone',
      file('auth: token'),
      [/realm is missing/, /service is missing/, /issuer is missing/, /has no keys/],
    ],
    ['nothing', token(''), [/realm is missing/, /service is missing/, /issuer is missing/, /has no keys/]],
    [
      'no issuer',
      token(`${REALM}, service: x, jwks: /x`),
      [
        /^auth\.token\.issuer is missing beside auth\.token \(config\.yml:3\): name the token server as it does in its tokens\.$/,
      ],
    ],
    [
      'no keys',
      token(NAMES),
      [
        /^auth\.token \(config\.yml:3\) has no keys to check tokens with: name .* rootcertbundle, or .* jwks\.$/,
      ],
    ],
    [
      'a realm that is no URL',
      token('realm: auth.example, service: x, issuer: x, jwks: /x'),
      [
        /^auth\.token\.realm \(config\.yml:3\) must be the URL of the token server, such as .*, but is "auth\.example"\.$/,
      ],
    ],
    [
      'a service that can not be sent',
      token(`${REALM}, service: "a\\nb", issuer: x, jwks: /x`),
      [
        /^auth\.token\.service \(config\.yml:3\) must be text that can be sent in a header: printable ASCII\.$/,
      ],
    ],
    [
      'a secret',
      whole('jwks: /x, signingalgorithms: [RS256, HS256]'),
      [
        /^auth\.token\.signingalgorithms \(config\.yml:3\) has "HS256", which signs with a secret .* hold public keys\. Use RS256/,
      ],
    ],
    [
      'no signature',
      whole('jwks: /x, signingalgorithms: [none]'),
      [/has "none", which signs nothing: everybody could make tokens\.$/],
    ],
    [
      'an unknown algorithm',
      whole('jwks: /x, signingalgorithms: [rs256]'),
      [/has "rs256", which is none of EdDSA, RS256, /],
    ],
    ['no algorithm', whole('jwks: /x, signingalgorithms: []'), [/must be a list of algorithms: EdDSA, /]],
    [
      'one algorithm that is no list',
      whole('jwks: /x, signingalgorithms: RS256'),
      [/must be a list of algorithms: EdDSA, /],
    ],
    [
      'a broken address',
      whole('jwks: "https://:x"'),
      [/jwks \(config\.yml:3\) must be a path or an address that begins with https:/],
    ],
    [
      'an address of another kind',
      whole('jwks: "ftp://auth.example/x"'),
      [/jwks .* must be a path or an address that begins with https:/],
    ],
    [
      'an address with a password',
      whole('jwks: "https://a:b@auth.example/"'),
      [/jwks .* has a user name or password in its address: keys are public/],
    ],
    [
      'a path without a slash',
      whole('jwks: /x, autoredirectpath: token'),
      [/autoredirectpath .* must be a path that begins with \/, as in a URL\.$/],
    ],
    [
      'a path with a blank',
      whole('jwks: /x, autoredirectpath: "/a b"'),
      [/autoredirectpath .* must be a path that begins with \//],
    ],
    [
      'an unknown key',
      whole('jwks: /x, rootcerts: /x'),
      [/^auth\.token\.rootcerts \(config\.yml:3\) is no key of the configuration\. Was auth\.token\./],
    ],
    [
      'none beside it',
      file(`auth: {none: , token: {${NAMES}, jwks: /x}}`),
      [
        /^auth has more than one scheme: none \(config\.yml:3\) and token \(config\.yml:3\)\. Keep one: REGISTRY_AUTH=/,
      ],
    ],
  ])('is refused with %s', (_what, yaml, expected) => {
    const problems = problemsOf({ yaml });
    expect(problems).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(problems[index]).toMatch(pattern);
  });

  it('may have a realm of any form when clients are not sent there', () => {
    const yaml = token('realm: unused, service: x, issuer: x, jwks: /x, autoredirect: true');
    expect(problemsOf({ yaml })).toEqual([]);
  });

  it.each<[string, RegExp[]]>([
    ['jwks: "http://auth.example/jwks"', [/^auth\.token\.jwks \(.*:3\) is fetched without encryption: /]],
    ['jwks: "http://127.0.0.1:8080/jwks"', []],
    ['jwks: "http://localhost/jwks"', []],
    ['jwks: "http://[::1]/jwks"', []],
    ['jwks: "https://auth.example/jwks"', []],
    [
      'jwks: /x, autoredirectpath: /y',
      [/^auth\.token\.autoredirectpath \(.*:3\) does nothing without auth\.token\.autoredirect/],
    ],
  ])('with %s is warned of what should not stay so', (more, expected) => {
    const { warnings } = configured({ yaml: whole(more) }).report;
    expect(warnings).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(warnings[index]).toMatch(pattern);
  });
});

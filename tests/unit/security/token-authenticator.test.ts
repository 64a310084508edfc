import { createHash, createHmac, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../../src/infrastructure/security/token/token-options.js';
import { ecKeys, makeCertificate } from '../../support/certificates.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { claimsOf, signToken, ecKeysWithZero } from '../../support/token-maker.js';
import { access, credentials, TokenUnderTest, written } from './token-under-test.js';

const PULL = access('team/app', 'pull');
const DAY = 86_400_000;
const now = Date.now();
const claims = (over: Readonly<Record<string, unknown>> = {}) => claimsOf({ now }, over);
const seconds = (ms: number) => Math.floor((now + ms) / 1000);

const rsaKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const root = makeCertificate({ name: 'root', ca: true });
const rsa = makeCertificate({ name: 'rsa', keys: rsaKeys });
const intermediate = makeCertificate({ name: 'intermediate', ca: true, issuer: root });
const leaf = makeCertificate({ name: 'leaf', issuer: intermediate });
const stranger = makeCertificate({ name: 'root', ca: true });
const jwksKeys = generateKeyPairSync('ed25519');

/** RFC 7638 3. */
function thumbprint(key: KeyObject): string {
  const { kty, crv, e, n, x, y } = key.export({ format: 'jwk' });
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/** As libtrust makes it, by arithmetic instead of bits. */
function libtrustId(key: KeyObject): string {
  const hash = createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex');
  let number = BigInt(`0x${hash.slice(0, 60)}`);
  const letters: string[] = [];
  for (let count = 0; count < 48; count += 1) {
    letters.unshift('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number(number % 32n)] ?? '');
    number /= 32n;
  }
  return Array.from({ length: 12 }, (_none, group) => letters.slice(group * 4, group * 4 + 4).join('')).join(
    ':',
  );
}

let folder: TempDir;
let under: TokenUnderTest;

beforeAll(async () => {
  folder = await makeTempDir();
  const jwk = { ...jwksKeys.publicKey.export({ format: 'jwk' }), kid: 'edwards', use: 'sig' };
  const secret = { kty: 'oct', k: Buffer.from('secret').toString('base64url'), kid: 'secret' };
  const only = { ...rsaKeys.publicKey.export({ format: 'jwk' }), kid: 'only-384', alg: 'RS384' };
  under = new TokenUnderTest({
    rootcertbundle: written(folder.path, 'bundle.pem', `${root.pem}\nsomething else\n${rsa.pem}`),
    jwks: written(folder.path, 'jwks.json', JSON.stringify({ keys: [secret, jwk, only] })),
  });
});
afterAll(() => folder.remove());

const es = { alg: 'ES256', kid: thumbprint(root.publicKey) };
const good = (over: Readonly<Record<string, unknown>> = {}) => signToken(claims(over), root.privateKey, es);
const chain = (...certificates: readonly { readonly base64: string }[]) =>
  certificates.map(({ base64 }) => base64);

describe('a token', () => {
  it('gives its name and exactly its rights', async () => {
    const principal = await under.principal(await good(), ...PULL);
    expect(principal.name).toBe('alice');
    const may = (name: string, action: 'pull' | 'push' | 'delete') =>
      principal.may({ type: 'repository', name, action });
    expect([may('team/app', 'pull'), may('team/app', 'push'), may('team/app', 'delete')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([may('team/ap', 'pull'), may('team/app/x', 'pull')]).toEqual([false, false]);
    expect(principal.may({ type: 'registry', name: 'team/app', action: '*' })).toBe(false);
  });

  it.each<[string, unknown, boolean]>([
    ['every action by *', [{ type: 'repository', name: 'team/app', actions: ['*'] }], true],
    ['actions of two entries', [PULL_ENTRY(['push']), PULL_ENTRY(['delete', 'pull'])], true],
    ['a class', [{ ...PULL_ENTRY(['delete']), class: 'image' }], true],
    ['no name as *', [{ type: 'repository', name: '*', actions: ['*'] }], false],
    ['none of another type', [{ type: 'registry', name: 'team/app', actions: ['*'] }], false],
    ['none that run into the name', [{ type: 'repository:team', name: 'app', actions: ['*'] }], false],
    ['none of actions that are a text', [{ ...PULL_ENTRY([]), actions: 'delete' }], false],
    [
      'none of a letter case of its own',
      [{ Type: 'repository', Name: 'team/app', Actions: ['delete'] }],
      false,
    ],
    ['none of entries that are no objects', [null, 1, 'delete', [], ['repository'], true, {}], false],
    ['none of an object', { type: 'repository', name: 'team/app', actions: ['delete'] }, false],
    ['none of null', null, false],
    ['none of nothing', undefined, false],
    ['none of a prototype', [{ ['__proto__']: PULL_ENTRY(['delete']) }], false],
  ])('knows %s', async (_what, list, may) => {
    const principal = await under.principal(await good({ access: list }));
    expect(principal.may({ type: 'repository', name: 'team/app', action: 'delete' })).toBe(may);
  });

  it('gives no right to names of prototypes, and one that is given under such a name', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    for (const name of names)
      expect(await under.verdict(await good(), ...access(name, 'pull'))).toBe('insufficient_scope');
    const given = await good({ access: [{ type: 'repository', name: '__proto__', actions: ['pull'] }] });
    expect(await under.verdict(given, ...access('__proto__', 'pull'))).toBe('ok');
    expect(await under.verdict(given, ...access('__proto__', 'push'))).toBe('insufficient_scope');
  });

  it.each([
    ['undefined', undefined, undefined],
    ['empty', '', undefined],
    ['a number', 7, undefined],
    ['text', 'bob', 'bob'],
  ])('whose sub is %s has the name %s', async (_what, sub, name) => {
    expect((await under.principal(await good({ sub }))).name).toBe(name);
  });
});

function PULL_ENTRY(actions: readonly string[]) {
  return { type: 'repository', name: 'team/app', actions };
}

describe('the key of a token', () => {
  const jwkOf = (key: KeyObject, more: object) => ({ ...key.export({ format: 'jwk' }), ...more });
  const nameless = { ...es, jwk: jwkOf(root.publicKey, {}) };
  it.each<[string, KeyObject, { alg: string } & Record<string, unknown>, string]>([
    ['a thumbprint', root.privateKey, es, 'ok'],
    ['a thumbprint of RSA', rsaKeys.privateKey, { alg: 'RS256', kid: thumbprint(rsaKeys.publicKey) }, 'ok'],
    ['PS512', rsaKeys.privateKey, { alg: 'PS512', kid: thumbprint(rsaKeys.publicKey) }, 'ok'],
    ['the id of libtrust', root.privateKey, { alg: 'ES256', kid: libtrustId(root.publicKey) }, 'ok'],
    [
      'the id of libtrust, RSA',
      rsaKeys.privateKey,
      { alg: 'RS256', kid: libtrustId(rsaKeys.publicKey) },
      'ok',
    ],
    ['a name of the key set', jwksKeys.privateKey, { alg: 'EdDSA', kid: 'edwards' }, 'ok'],
    ['a key for one algorithm', rsaKeys.privateKey, { alg: 'RS384', kid: 'only-384' }, 'ok'],
    ['that with another algorithm', rsaKeys.privateKey, { alg: 'RS256', kid: 'only-384' }, 'invalid_token'],
    ['no name', root.privateKey, { alg: 'ES256' }, 'invalid_token'],
    ['an unknown name', root.privateKey, { alg: 'ES256', kid: 'x' }, 'invalid_token'],
    ['a name of a prototype', root.privateKey, { alg: 'ES256', kid: '__proto__' }, 'invalid_token'],
    ['a name that is no text', root.privateKey, { alg: 'ES256', kid: [es.kid] }, 'invalid_token'],
    ['the name of another key', stranger.privateKey, es, 'invalid_token'],
    ['the name of a key of another kind', rsaKeys.privateKey, { ...es, alg: 'RS256' }, 'invalid_token'],
    [
      'an embedded key with a known name',
      root.privateKey,
      { alg: 'ES256', jwk: jwkOf(root.publicKey, { kid: es.kid }) },
      'ok',
    ],
    [
      'a strange embedded key with a known name',
      stranger.privateKey,
      { alg: 'ES256', jwk: jwkOf(stranger.publicKey, { kid: es.kid }) },
      'invalid_token',
    ],
    [
      'an embedded key beside a known name',
      stranger.privateKey,
      { ...es, jwk: jwkOf(stranger.publicKey, {}) },
      'invalid_token',
    ],
    ['an embedded key without a name beside a name', root.privateKey, nameless, 'invalid_token'],
    [
      'an embedded certificate',
      leaf.privateKey,
      { alg: 'ES256', jwk: jwkOf(leaf.publicKey, { x5c: chain(leaf, intermediate) }) },
      'ok',
    ],
    ['a root as its certificate', root.privateKey, { alg: 'ES256', x5c: chain(root) }, 'ok'],
    [
      'a certificate of the bundle that may not vouch',
      rsaKeys.privateKey,
      { alg: 'RS256', x5c: chain(rsa) },
      'ok',
    ],
    ['a chain', leaf.privateKey, { alg: 'ES256', x5c: chain(leaf, intermediate) }, 'ok'],
    ['a chain with its root', leaf.privateKey, { alg: 'ES256', x5c: chain(leaf, intermediate, root) }, 'ok'],
    ['a chain in disorder', leaf.privateKey, { alg: 'ES256', x5c: chain(leaf, root, intermediate) }, 'ok'],
    ['a chain that lacks one', leaf.privateKey, { alg: 'ES256', x5c: chain(leaf) }, 'invalid_token'],
    [
      'a chain of somebody else',
      stranger.privateKey,
      { alg: 'ES256', x5c: chain(leaf, intermediate) },
      'invalid_token',
    ],
    [
      'a strange root of the same name',
      stranger.privateKey,
      { alg: 'ES256', x5c: chain(stranger) },
      'invalid_token',
    ],
    ['an empty chain', root.privateKey, { ...es, x5c: [] }, 'invalid_token'],
    ['a chain that is no list', root.privateKey, { ...es, x5c: root.base64 }, 'invalid_token'],
    ['a chain of something else', root.privateKey, { ...es, x5c: ['AAAA', 7, null] }, 'invalid_token'],
    [
      'a chain that is too long',
      leaf.privateKey,
      { alg: 'ES256', x5c: chain(leaf, ...Array.from({ length: 10 }, () => intermediate)) },
      'invalid_token',
    ],
  ])('may be told by %s', async (_what, key, header, verdict) => {
    expect(await under.verdict(await signToken(claims(), key, header), ...PULL)).toBe(verdict);
  });

  it.each([
    ['an expired certificate', { issuer: root, to: now - DAY / 2 }],
    ['one that is not valid yet', { issuer: root, from: now + DAY / 2 }],
    ['one that somebody without the right vouches for', { issuer: rsa }],
    ['one that a leaf vouches for', { issuer: leaf }],
    ['one of a strange root', { issuer: stranger }],
  ])('is not believed with %s', async (_what, fields) => {
    const bad = makeCertificate({ name: 'bad', ...fields });
    const header = { alg: 'ES256', x5c: chain(bad, leaf, intermediate) };
    expect(await under.verdict(await signToken(claims(), bad.privateKey, header))).toBe('invalid_token');
  });

  it('is not believed once an intermediate has expired, and the token is not remembered longer', async () => {
    const { clock, authenticator } = new TokenUnderTest({
      rootcertbundle: written(folder.path, 'ca.pem', root.pem),
    });
    const short = makeCertificate({ name: 'short', ca: true, issuer: root, to: now + 60_000 });
    const end = makeCertificate({ name: 'end', issuer: short });
    const token = await signToken(claims(), end.privateKey, { alg: 'ES256', x5c: chain(end, short) });
    const ask = async () => authenticator.authenticate(credentials(`Bearer ${token}`), PULL);
    expect((await ask()).name).toBe('alice');
    clock.advance(62_000);
    await expect(ask()).rejects.toThrow('the token is not valid');
  });

  it('is looked for in a bounded number of ways, whatever a stranger has put together', async () => {
    const keys = ecKeys();
    const same = Array.from({ length: 9 }, () => makeCertificate({ name: 'same', ca: true, keys }));
    const token = await signToken(claims(), keys.privateKey, { alg: 'ES256', x5c: chain(...same) });
    expect(await under.verdict(token)).toBe('invalid_token');
  });

  it('is found by its thumbprint with and without the zeros before its coordinates', async () => {
    const keys = ecKeysWithZero();
    const path = written(folder.path, 'zeros.pem', makeCertificate({ keys }).pem);
    const zeros = new TokenUnderTest({ rootcertbundle: path });
    const { kty, crv, x, y } = keys.publicKey.export({ format: 'jwk' });
    const bare = Buffer.from(x ?? '', 'base64url')
      .subarray(1)
      .toString('base64url');
    for (const first of [x, bare]) {
      const members = JSON.stringify({ crv, kty, x: first, y });
      const kid = createHash('sha256').update(members).digest('base64url');
      const token = await signToken(claims(), keys.privateKey, { alg: 'ES256', kid });
      expect(await zeros.verdict(token, ...PULL)).toBe('ok');
    }
  });

  it.each(SIGNING_ALGORITHMS)('may be for %s', async (alg) => {
    const keys = keysFor(alg);
    const path = written(folder.path, `${alg}.pem`, makeCertificate({ keys }).pem);
    const token = await signToken(claims(), keys.privateKey, { alg, kid: libtrustId(keys.publicKey) });
    expect(await new TokenUnderTest({ rootcertbundle: path }).verdict(token, ...PULL)).toBe('ok');
    const others = SIGNING_ALGORITHMS.filter((other) => other !== alg);
    const without = new TokenUnderTest({ rootcertbundle: path, signingalgorithms: others });
    expect(await without.verdict(token, ...PULL)).toBe('invalid_token');
  });
});

function keysFor(alg: string): { privateKey: KeyObject; publicKey: KeyObject } {
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519');
  if (!alg.startsWith('ES')) return rsaKeys;
  return ecKeys({ ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[alg]);
}

describe('claims', () => {
  const twice = (name: string, first: unknown, second: unknown) =>
    JSON.stringify(claims({ [name]: second })).replace(
      '{',
      `{${JSON.stringify(name)}:${JSON.stringify(first)},`,
    );

  it.each<[string, string | object, string]>([
    ['with several audiences', claims({ aud: ['other', 'registry.example'] }), 'ok'],
    ['that expired less than a minute ago', claims({ exp: seconds(-50_000) }), 'ok'],
    ['that are valid in less than a minute', claims({ nbf: seconds(50_000) }), 'ok'],
    [
      'without nbf, iat, jti and sub',
      claims({ nbf: undefined, iat: undefined, jti: undefined, sub: undefined }),
      'ok',
    ],
    ['that expired', claims({ exp: seconds(-62_000) }), 'invalid_token'],
    ['that are not valid yet', claims({ nbf: seconds(65_000) }), 'invalid_token'],
    ['without an end', claims({ exp: undefined }), 'invalid_token'],
    ['whose end is text', claims({ exp: String(seconds(DAY)) }), 'invalid_token'],
    ['whose end is null', claims({ exp: null }), 'invalid_token'],
    [
      'whose end is beyond numbers',
      JSON.stringify(claims({ exp: 1 })).replace('"exp":1', '"exp":1e999'),
      'invalid_token',
    ],
    ['of another issuer', claims({ iss: 'auth.example.evil' }), 'invalid_token'],
    ['of an issuer in other letters', claims({ iss: 'Auth.example' }), 'invalid_token'],
    ['of a list of issuers', claims({ iss: ['auth.example'] }), 'invalid_token'],
    ['without an issuer', claims({ iss: undefined }), 'invalid_token'],
    ['for another audience', claims({ aud: 'registry' }), 'invalid_token'],
    ['for no audience', claims({ aud: [] }), 'invalid_token'],
    ['for an audience in an object', claims({ aud: { 'registry.example': true } }), 'invalid_token'],
    ['without an audience', claims({ aud: undefined }), 'invalid_token'],
    [
      'whose issuer is there twice, the wrong one last',
      twice('iss', 'auth.example', 'evil'),
      'invalid_token',
    ],
    ['whose end is there twice, the past last', twice('exp', seconds(DAY), seconds(-DAY)), 'invalid_token'],
    [
      'whose rights are there twice, none last',
      twice('access', claims()['access'], []),
      'insufficient_scope',
    ],
    ['that are a list', '[]', 'invalid_token'],
    ['that are no JSON', '{', 'invalid_token'],
    ['that are a prototype', '{"__proto__":{"iss":"auth.example"}}', 'invalid_token'],
  ])('%s are judged', async (_what, payload, verdict) => {
    expect(await under.verdict(await signToken(payload, root.privateKey, es), ...PULL)).toBe(verdict);
  });
});

describe('forged tokens', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = part(claims());

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('without a signature are refused (alg %j)', async (alg) => {
    for (const end of ['', 'AAAA']) {
      expect(await under.verdict(`${part({ alg, kid: es.kid })}.${payload}.${end}`)).toBe('invalid_token');
    }
  });

  it.each(['HS256', 'HS384', 'HS512'])(
    'signed by the public key as a secret are refused (%s)',
    async (alg) => {
      const spki = root.publicKey.export({ format: 'pem', type: 'spki' });
      const der = root.publicKey.export({ format: 'der', type: 'spki' });
      for (const secret of [spki, der, root.pem, new X509Certificate(root.pem).raw, 'secret', '']) {
        for (const kid of [es.kid, 'secret', undefined]) {
          const signed = `${part({ alg, kid })}.${payload}`;
          const signature = createHmac(alg.replace('HS', 'sha'), secret).update(signed).digest('base64url');
          expect(await under.verdict(`${signed}.${signature}`)).toBe('invalid_token');
        }
      }
    },
  );

  it('whose payload was changed are refused', async () => {
    const [header, , signature] = (await good()).split('.');
    const more = part(claims({ access: [{ type: 'repository', name: 'team/app', actions: ['*'] }] }));
    expect(await under.verdict(`${header}.${more}.${signature}`)).toBe('invalid_token');
  });

  it('that ask for what is not understood are refused', async () => {
    const header = { ...es, crit: ['exp'], exp: seconds(DAY) };
    const token = `${part(header)}.${payload}.${(await good()).split('.')[2]}`;
    expect(await under.verdict(token)).toBe('invalid_token');
  });

  it('that are huge are refused before anything of them is read', async () => {
    const huge = await good({ padding: 'x'.repeat(33 * 1024) });
    expect(await under.verdict(huge)).toBe('invalid_token');
    expect(await under.verdict(await good({ padding: 'x'.repeat(16 * 1024) }), ...PULL)).toBe('ok');
  });
});

describe('what is remembered', () => {
  it('ends when the token does', async () => {
    const fresh = new TokenUnderTest({ rootcertbundle: written(folder.path, 'again.pem', root.pem) });
    const token = await good({ exp: Math.floor(fresh.clock.now() / 1000) + 10 });
    expect(await fresh.verdict(token, ...PULL)).toBe('ok');
    fresh.clock.advance(68_000);
    expect(await fresh.verdict(token, ...PULL)).toBe('ok');
    fresh.clock.advance(4_000);
    expect(await fresh.verdict(token, ...PULL)).toBe('invalid_token');
  });

  it('is the whole token: another signature or payload is another token', async () => {
    const token = await good();
    expect(await under.verdict(token, ...PULL)).toBe('ok');
    const other = await signToken(claims(), stranger.privateKey, es);
    const [header, body] = token.split('.');
    expect(await under.verdict(`${header}.${body}.${other.split('.')[2]}`, ...PULL)).toBe('invalid_token');
    const [, more] = (
      await good({ access: [{ type: 'repository', name: 'team/app', actions: ['*'] }] })
    ).split('.');
    for (const forged of [`${token}A`, `A${token}`, `${header}.${more}.${token.split('.')[2]}`]) {
      expect(await under.verdict(forged, ...PULL)).toBe('invalid_token');
    }
    expect(await under.verdict(token, ...PULL)).toBe('ok');
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { rmSync, utimesSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NamedFileRefused } from '../../../src/application/ports/system/named-file-refused.js';
import { Unavailable } from '../../../src/domain/errors.js';
import { makeCertificate } from '../../support/certificates.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { claimsOf, signToken } from '../../support/token-maker.js';
import { TokenUnderTest, written } from './token-under-test.js';

const one = generateKeyPairSync('ed25519');
const two = generateKeyPairSync('ed25519');
const setOf = (...named: readonly (readonly [string, typeof one])[]) =>
  JSON.stringify({
    keys: named.map(([kid, { publicKey }]) => ({ ...publicKey.export({ format: 'jwk' }), kid })),
  });
/** Good for an hour, from now and a shift (ms) on. */
const by = async (kid: string, { privateKey }: typeof one, shift = 0) =>
  signToken(claimsOf({ now: Date.now() + shift }, { exp: Date.now() / 1000 + 3600 }), privateKey, {
    alg: 'EdDSA',
    kid,
  });

let folder: TempDir;
beforeEach(async () => {
  folder = await makeTempDir();
});
afterEach(() => folder.remove());

/** Files have the resolution of a clock; a test must not be quicker. */
function changed(path: string, content: string): void {
  written(folder.path, path, content);
  utimesSync(`${folder.path}/${path}`, new Date(), new Date(Date.now() + Math.floor(Math.random() * 1e6)));
}

function linesOf({ logger }: TokenUnderTest): string[] {
  return logger.lines
    .filter(({ level }) => level !== 'debug')
    .map(({ level, message }) => `${level}: ${message}`);
}

const READ_AGAIN = 'info: keys of tokens were read again';
const NOT_READ = 'error: keys of tokens can not be read; those from before stay in force';

describe('keys in a file', () => {
  it('are read again when a token names another, at most once a second', async () => {
    const under = new TokenUnderTest({ jwks: written(folder.path, 'jwks.json', setOf(['one', one])) });
    changed('jwks.json', setOf(['two', two]));
    expect(await under.verdict(await by('two', two))).toBe('invalid_token');
    under.clock.advance(1_000);
    expect(await under.verdict(await by('two', two))).toBe('ok');
    expect(linesOf(under)).toEqual([READ_AGAIN]);
  });

  it('are read again after the clock was set back', async () => {
    const under = new TokenUnderTest({ jwks: written(folder.path, 'jwks.json', setOf(['one', one])) });
    changed('jwks.json', setOf(['two', two]));
    under.clock.advance(-7_200_000);
    expect(await under.verdict(await by('two', two, -7_200_000))).toBe('ok');
  });

  it('are read again after a minute, and then a token that was remembered counts no more', async () => {
    const under = new TokenUnderTest({ jwks: written(folder.path, 'jwks.json', setOf(['one', one])) });
    const token = await by('one', one);
    expect(await under.verdict(token)).toBe('ok');
    changed('jwks.json', setOf(['two', two]));
    under.clock.advance(59_000);
    expect(await under.verdict(token)).toBe('ok');
    under.clock.advance(1_000);
    expect(await under.verdict(token)).toBe('invalid_token');
  });

  it('stay in force while the file is broken or gone, which is told once', async () => {
    const path = written(folder.path, 'jwks.json', setOf(['one', one]));
    const under = new TokenUnderTest({ jwks: path });
    const ask = async () => {
      under.clock.advance(61_000);
      return under.verdict(await by('one', one));
    };
    changed('jwks.json', '{"keys": [');
    expect([await ask(), await ask()]).toEqual(['ok', 'ok']);
    expect(linesOf(under)).toEqual([NOT_READ]);
    expect(under.logger.lines[0]?.fields).toMatchObject({
      setting: 'auth.token.jwks',
      path,
      reason: 'is no JSON',
    });
    rmSync(path);
    expect([await ask(), await ask()]).toEqual(['ok', 'ok']);
    expect(linesOf(under)).toEqual([NOT_READ, NOT_READ]);
    changed('jwks.json', setOf(['one', one], ['two', two]));
    expect([await ask(), await ask()]).toEqual(['ok', 'ok']);
    expect(await under.verdict(await by('two', two))).toBe('ok');
    expect(linesOf(under)).toEqual([NOT_READ, NOT_READ, READ_AGAIN]);
  });

  it('may be certificates that are replaced', async () => {
    const [before, after] = [makeCertificate(), makeCertificate()];
    const under = new TokenUnderTest({ rootcertbundle: written(folder.path, 'root.pem', before.pem) });
    const token = await signToken(claimsOf({}), after.privateKey, { alg: 'ES256', x5c: [after.base64] });
    expect(await under.verdict(token)).toBe('invalid_token');
    changed('root.pem', after.pem);
    under.clock.advance(1_000);
    expect(await under.verdict(token)).toBe('ok');
  });

  const weak = makeCertificate({ keys: generateKeyPairSync('rsa', { modulusLength: 1024 }) });
  it.each<[string, string | undefined, string]>([
    ['not there', undefined, 'is not there.'],
    [
      'empty',
      '',
      'has no certificate: it must have one or more between "-----BEGIN CERTIFICATE-----" and its end.',
    ],
    ['not whole', weak.pem.slice(0, 100), 'has no certificate: it must'],
    ['damaged', `\n\n${weak.pem.replace('MII', 'AAA')}`, 'has a certificate at line 3 that can not be read.'],
    [
      'weak',
      weak.pem,
      'has no certificate with a key that can be used: RSA of 2048 bits or more, EC on P-256,',
    ],
  ])('stop the start when the certificates are %s', (_what, content, reason) => {
    const path = content === undefined ? `${folder.path}/x.pem` : written(folder.path, 'x.pem', content);
    expect(problemOf({ rootcertbundle: path })).toContain(`auth.token.rootcertbundle: ${path} ${reason}`);
  });

  it.each<[string, string, string]>([
    ['not JSON', 'keys', 'is no JSON.'],
    ['no set', '[]', 'is no JSON Web Key Set: it must have a list called "keys".'],
    ['a set without a list', '{"keys": {}}', 'is no JSON Web Key Set: it must have a list called "keys".'],
    ['an empty set', '{"keys": []}', 'has no key that can check a signature: RSA of 2048 bits or more'],
    ['a set of text', '{"keys": ["a"]}', 'has an entry 1 of "keys" that is no key.'],
    ['secrets', '{"keys": [{"kty": "oct", "k": "AAAA"}]}', 'has no key that can check a signature'],
    [
      'a broken key',
      '{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA"}]}',
      'has a key, number 1, that can not be read.',
    ],
    [
      'a key on no curve',
      '{"keys": [{"kty": "OKP", "crv": "X25519", "x": "AA"}]}',
      'has a key, number 1, that can not',
    ],
    ['for encryption', setOf(['a', one]).replace('"kid"', '"use":"enc","kid"'), 'has no key that can check'],
  ])('stop the start when the key set is %s', (_what, content, reason) => {
    const path = written(folder.path, 'jwks.json', content);
    expect(problemOf({ jwks: path })).toContain(`auth.token.jwks: ${path} ${reason}`);
  });

  it('stop the start when the path is a folder', () => {
    expect(problemOf({ jwks: folder.path })).toBe(`auth.token.jwks: ${folder.path} is a folder.`);
  });
});

function problemOf(options: { readonly jwks?: string; readonly rootcertbundle?: string }): string {
  try {
    return `none: ${typeof new TokenUnderTest(options)}`;
  } catch (error) {
    if (!(error instanceof NamedFileRefused)) throw error;
    return `${error.key}: ${error.sentence}`;
  }
}

describe('keys behind a URL', () => {
  let server: Server;
  let answer: { status: number; body: string; headers?: Record<string, string> } | 'nothing';
  let fetched: number;
  let jwks: string;
  beforeEach(async () => {
    fetched = 0;
    answer = { status: 200, body: setOf(['one', one]) };
    server = createServer((req, res) => {
      fetched += 1;
      if (req.url === '/other') res.end(setOf(['two', two]));
      else if (answer === 'nothing') res.destroy();
      else res.writeHead(answer.status, answer.headers).end(answer.body);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('are there for the first token', async () => {
    const under = new TokenUnderTest({ jwks });
    expect(await under.verdict(await by('one', one))).toBe('ok');
    expect([fetched, linesOf(under)]).toEqual([1, []]);
  });

  it('are fetched again for an unknown key, at most every 30 s', async () => {
    const under = new TokenUnderTest({ jwks });
    expect(await under.verdict(await by('one', one))).toBe('ok');
    answer = { status: 200, body: setOf(['two', two]) };
    under.clock.advance(29_000);
    expect(await under.verdict(await by('two', two))).toBe('invalid_token');
    expect(fetched).toBe(1);
    under.clock.advance(1_000);
    expect(await under.verdict(await by('two', two))).toBe('ok');
    expect(await under.verdict(await by('one', one))).toBe('invalid_token');
    expect(await under.verdict(await by('three', two))).toBe('invalid_token');
    expect(fetched).toBe(2);
  });

  it('are fetched again after ten minutes, without anybody who waits for it', async () => {
    const under = new TokenUnderTest({ jwks });
    expect(await under.verdict(await by('one', one))).toBe('ok');
    answer = { status: 200, body: setOf(['two', two]) };
    under.clock.advance(600_000);
    expect(await under.verdict(await by('one', one))).toBe('ok');
    await expect.poll(async () => under.verdict(await by('one', one))).toBe('invalid_token');
    expect(fetched).toBe(2);
  });

  it.each<[string, typeof answer]>([
    ['answers 500', { status: 500, body: setOf(['two', two]) }],
    ['hangs up', 'nothing'],
    ['sends something else', { status: 200, body: '<html>' }],
    ['sends no key that can be used', { status: 200, body: '{"keys":[]}' }],
    ['sends too much', { status: 200, body: setOf(['two', two]) + ' '.repeat(2 ** 21) }],
    ['sends somewhere else', { status: 302, body: '', headers: { location: '/other' } }],
  ])('stay in force when the server %s, which is told once', async (_what, bad) => {
    const under = new TokenUnderTest({ jwks });
    expect(await under.verdict(await by('one', one))).toBe('ok');
    const good = answer;
    answer = bad;
    for (let round = 0; round < 2; round += 1) {
      under.clock.advance(30_000);
      expect(await under.verdict(await by('two', two))).toBe('invalid_token');
      expect(await under.verdict(await by('one', one))).toBe('ok');
    }
    answer = good;
    under.clock.advance(30_000);
    expect(await under.verdict(await by('two', two))).toBe('invalid_token');
    expect(linesOf(under)).toEqual([
      'error: keys of tokens can not be fetched; those from before stay in force',
      'info: keys of tokens can be fetched again',
    ]);
  });

  it('are kept by a reload that names the same URL, though it does not answer; another one is fetched', async () => {
    const under = new TokenUnderTest({ jwks });
    expect(await under.verdict(await by('one', one))).toBe('ok');
    answer = 'nothing';
    const same = new TokenUnderTest({ jwks, service: 'another' }, under);
    const token = await signToken(claimsOf({ service: 'another' }), one.privateKey, {
      alg: 'EdDSA',
      kid: 'one',
    });
    expect([await same.verdict(token), fetched]).toEqual(['ok', 1]);
    const other = new TokenUnderTest({ jwks: jwks.replace('jwks.json', 'other') }, under);
    expect([await other.verdict(await by('two', two)), fetched]).toEqual(['ok', 2]);
  });

  it('do not keep a registry from starting: tokens are answered 503 until they are there', async () => {
    const good = answer;
    answer = 'nothing';
    const under = new TokenUnderTest({ jwks });
    const token = await by('one', one);
    await expect(under.principal(token)).rejects.toBeInstanceOf(Unavailable);
    await expect(under.principal(token)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfter: 5 });
    expect(fetched).toBe(1);
    expect(linesOf(under)).toEqual([
      'warn: keys of tokens can not be fetched; until then their tokens are answered 503',
    ]);
    answer = good;
    under.clock.advance(5_000);
    expect(await under.verdict(token)).toBe('ok');
  });

  it('do not keep tokens of the certificates from being believed', async () => {
    answer = 'nothing';
    const root = makeCertificate();
    const under = new TokenUnderTest({ jwks, rootcertbundle: written(folder.path, 'root.pem', root.pem) });
    const token = await signToken(claimsOf({}), root.privateKey, { alg: 'ES256', x5c: [root.base64] });
    expect(await under.verdict(token)).toBe('ok');
    await expect(under.principal(await by('one', one))).rejects.toBeInstanceOf(Unavailable);
  });
});

import { createHash, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../../src/domain/access/access.js';
import { makeCertificate } from '../../support/certificates.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { claimsOf, signToken } from '../../support/token-maker.js';
import { access, credentials, TokenUnderTest, written } from './token-under-test.js';

const root = makeCertificate({ name: 'root', ca: true });
const stranger = makeCertificate({ name: 'root', ca: true });
const { kty, crv, x, y } = root.publicKey.export({ format: 'jwk' });
const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
const ANYTHING = access('team/app', 'pull');

let folder: TempDir;
let under: TokenUnderTest;
beforeAll(async () => {
  folder = await makeTempDir();
  under = new TokenUnderTest({ rootcertbundle: written(folder.path, 'root.pem', root.pem) });
});
afterAll(() => folder.remove());

const json = fc.jsonValue({ maxDepth: 3 });
const odd = fc.oneof(
  json,
  fc.constantFrom('__proto__', 'constructor', '', null, 0, -1, 1e308, [], {}, 'ES256', 'none', 'HS256', kid),
);
const headers = fc.record(
  {
    alg: fc.oneof(fc.constantFrom('ES256', 'ES384', 'RS256', 'EdDSA', 'none', 'HS256'), odd),
    kid: fc.oneof(fc.constant(kid), odd),
    jwk: fc.oneof(fc.constant({ kid, kty, crv, x, y }), fc.record({ kid: odd, x5c: odd }), odd),
    x5c: fc.oneof(fc.constantFrom([root.base64], [stranger.base64], [stranger.base64, root.base64]), odd),
    crit: odd,
    b64: odd,
    typ: odd,
    zip: odd,
  },
  { requiredKeys: [] },
);
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('whatever is sent as Authorization', () => {
  it('is refused as no token or a wrong one, and is never a fault', async () => {
    const scheme = fc.oneof(
      fc.constantFrom('Bearer ', 'bearer ', 'BEARER  ', 'Bearer', 'Basic ', 'Bearer\t', ''),
      fc.string({ maxLength: 8 }),
    );
    const rest = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[\w-]{0,20}(\.[\w-]{0,20}){0,5}$/),
      fc.constantFrom('.', '..', '...', 'e30.e30.', 'bnVsbA.bnVsbA.bnVsbA', 'W10.W10.W10'),
    );
    await fc.assert(
      fc.asyncProperty(scheme, rest, async (begin, end) => {
        expect(['none', 'invalid_token']).toContain(await under.verdictOf(credentials(begin + end)));
      }),
      { numRuns: 500 },
    );
  });

  it('is no token when there is none, or credentials of another kind', async () => {
    for (const shown of [undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer: x', 'Token x', 'x']) {
      expect(await under.verdictOf(credentials(shown))).toBe('none');
    }
  });

  it('is a token in any letter case of its scheme', async () => {
    const token = await signToken(claimsOf({}), root.privateKey, { alg: 'ES256', kid });
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(await under.verdictOf(credentials(`${scheme} ${token}`), ANYTHING)).toBe('ok');
    }
  });
});

describe('whatever a token is made of', () => {
  it('it is refused when its head is right or wrong and its signature is nobody’s', async () => {
    const signature = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(headers, odd),
        fc.oneof(fc.constant(claimsOf({})), odd),
        signature,
        async (head, payload, end) => {
          const token = `${part(head)}.${part(payload)}.${Buffer.from(end).toString('base64url')}`;
          expect(await under.verdict(token)).toBe('invalid_token');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('it is refused when a stranger has signed it, whatever it says of its key', async () => {
    await fc.assert(
      fc.asyncProperty(headers, async ({ crit: _crit, b64: _b64, ...head }) => {
        const token = await signToken(claimsOf({}), stranger.privateKey, { ...head, alg: 'ES256' });
        expect(await under.verdict(token)).toBe('invalid_token');
      }),
      { numRuns: 300 },
    );
  });

  it('it is refused when its certificates are damaged', async () => {
    const below = makeCertificate({ name: 'below', issuer: root, ca: true });
    const leaf = makeCertificate({ name: 'leaf', issuer: below });
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    const good = [leaf, below].map(({ base64 }) => base64);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 1), damage, async (which, changes) => {
        const bytes = Buffer.from(good[which] ?? '', 'base64');
        for (const [at, by] of changes)
          bytes.writeUInt8(bytes.readUInt8(at % bytes.length) ^ by, at % bytes.length);
        fc.pre(bytes.toString('base64') !== good[which]);
        const x5c = good.with(which, bytes.toString('base64'));
        const token = await signToken(claimsOf({}), leaf.privateKey, { alg: 'ES256', x5c });
        expect(await under.verdict(token)).toBe('invalid_token');
      }),
      { numRuns: 500 },
    );
    const whole = await signToken(claimsOf({}), leaf.privateKey, { alg: 'ES256', x5c: good });
    expect(await under.verdict(whole, ...ANYTHING)).toBe('ok');
  });

  it('it gives what its claims say and nothing else, when the right key has signed it', async () => {
    const names = fc.constantFrom('team/app', 'a', 'a:b', '__proto__', 'constructor', '*', '');
    const actions = fc.constantFrom('pull', 'push', 'delete', '*', 'PULL', '');
    const entry = fc.oneof(
      fc.record(
        {
          type: fc.oneof(fc.constantFrom('repository', 'registry', 'repository:a'), odd),
          name: fc.oneof(names, odd),
          actions: fc.oneof(fc.array(actions), odd),
        },
        { requiredKeys: [] },
      ),
      odd,
    );
    const wanted = fc.record({
      type: fc.constantFrom('repository' as const, 'registry' as const),
      name: names,
      action: fc.constantFrom('pull' as const, 'push' as const, 'delete' as const, '*' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.array(entry), odd), wanted, async (list, asked) => {
        const token = await signToken(claimsOf({}, { access: list }), root.privateKey, { alg: 'ES256', kid });
        expect(await under.verdict(token, asked)).toBe(isGiven(list, asked) ? 'ok' : 'insufficient_scope');
      }),
      { numRuns: 500 },
    );
  });

  it('it is good or refused, and nothing is fetched, when the right key has signed a head that says more', async () => {
    let asked = 0;
    const server = createServer((_req, res) => {
      asked += 1;
      res.end('{}');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const url = fc.oneof(fc.constant(`http://127.0.0.1:${port}/jwks.json`), odd);
    const more = fc.record(
      { jku: url, x5u: url, cty: odd, typ: odd, x5t: odd, epk: odd },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(more, async (head) => {
        const token = await signToken(claimsOf({}), root.privateKey, { ...head, alg: 'ES256', kid });
        expect(await under.verdict(token, ...ANYTHING)).toBe('ok');
        const forged = await signToken(claimsOf({}), stranger.privateKey, { ...head, alg: 'ES256', kid });
        expect(await under.verdict(forged)).toBe('invalid_token');
      }),
      { numRuns: 200 },
    );
    server.close();
    expect(asked).toBe(0);
  });

  it('it is refused when it says that something in its head must be understood', async () => {
    const critical = fc.array(fc.constantFrom('exp', 'b64', 'jku', 'x'), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(critical, odd), async (crit) => {
        const [, payload = ''] = (await signToken(claimsOf({}), root.privateKey, { alg: 'ES256' })).split(
          '.',
        );
        const signed = `${part({ alg: 'ES256', kid, crit, x: 1, jku: 'x', exp: 2e9 })}.${payload}`;
        const signature = sign('sha256', Buffer.from(signed), {
          key: root.privateKey,
          dsaEncoding: 'ieee-p1363',
        });
        expect(await under.verdict(`${signed}.${signature.toString('base64url')}`)).toBe('invalid_token');
      }),
      { numRuns: 200 },
    );
  });

  it('of a claim that stands in it twice the last counts (RFC 7519 4)', async () => {
    const values: Readonly<Record<string, readonly [good: unknown, bad: unknown]>> = {
      iss: ['auth.example', 'another'],
      aud: ['registry.example', 'another'],
      exp: [4e9, 1],
      nbf: [1, 4e9],
      access: [[{ type: 'repository', name: 'team/app', actions: ['pull'] }], []],
    };
    for (const [name, [good, bad]] of Object.entries(values)) {
      for (const [first, last] of [
        [good, bad],
        [bad, good],
      ]) {
        const others = JSON.stringify(claimsOf({}, { [name]: undefined })).slice(1);
        const twice = `{"${name}":${JSON.stringify(first)},"${name}":${JSON.stringify(last)},${others}`;
        const token = await signToken(twice, root.privateKey, { alg: 'ES256', kid });
        const refusal = name === 'access' ? 'insufficient_scope' : 'invalid_token';
        expect([name, await under.verdict(token, ...ANYTHING)]).toEqual([
          name,
          last === good ? 'ok' : refusal,
        ]);
      }
    }
  });

  it('it is good from a minute before it begins until a minute after its end', async () => {
    const offset = fc.integer({ min: -600, max: 600 });
    await fc.assert(
      fc.asyncProperty(offset, offset, async (nbf, exp) => {
        const now = Math.floor(under.clock.now() / 1000);
        const token = await signToken(claimsOf({}, { nbf: now + nbf, exp: now + exp }), root.privateKey, {
          alg: 'ES256',
          kid,
        });
        const isGood = nbf <= 60 && exp > -60;
        expect(await under.verdict(token, ...ANYTHING)).toBe(isGood ? 'ok' : 'invalid_token');
      }),
      { numRuns: 200 },
    );
  });

  it('it is for whom it names: the service, alone or in a list', async () => {
    const name = fc.constantFrom(
      'registry.example',
      'registry.example.',
      'REGISTRY.EXAMPLE',
      'another',
      '',
      '*',
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(name, fc.array(name), fc.array(fc.array(name)), odd), async (aud) => {
        const token = await signToken(claimsOf({}, { aud }), root.privateKey, { alg: 'ES256', kid });
        const isMeant =
          aud === 'registry.example' ||
          (Array.isArray(aud) && (aud as unknown[]).includes('registry.example'));
        expect(await under.verdict(token, ...ANYTHING)).toBe(isMeant ? 'ok' : 'invalid_token');
      }),
      { numRuns: 200 },
    );
  });

  it.each([10, 1_000, 5_000])('it is no fault when its claims are nested %i times', async (depth) => {
    const nested = (open: string, close: string) => open.repeat(depth) + close.repeat(depth);
    for (const value of [nested('[', ']'), nested('{"a":', '}').replace('{"a":}', '{"a":1}')]) {
      const claims = JSON.stringify(claimsOf({})).replace(/"access":.*$/, `"access":${value}}`);
      const token = await signToken(claims, root.privateKey, { alg: 'ES256', kid });
      expect(['insufficient_scope', 'invalid_token']).toContain(await under.verdict(token, ...ANYTHING));
    }
  });

  it('it can not be made to give a name by putting a part of it into the type', async () => {
    const list = [{ type: 'repository:localhost', name: '5000/app', actions: ['*'] }];
    const token = await signToken(claimsOf({}, { access: list }), root.privateKey, { alg: 'ES256', kid });
    expect(await under.verdict(token, ...access('localhost:5000/app', 'pull'))).toBe('insufficient_scope');
  });

  it('it is refused when one of its claims is of another kind', async () => {
    const claim = fc.constantFrom('iss', 'aud', 'exp', 'nbf');
    await fc.assert(
      fc.asyncProperty(claim, odd, async (name, value) => {
        fc.pre(!(name === 'nbf' && typeof value === 'number' && value < Date.now() / 1000));
        fc.pre(!(name === 'exp' && typeof value === 'number' && value > Date.now() / 1000));
        const token = await signToken(claimsOf({}, { [name]: value }), root.privateKey, {
          alg: 'ES256',
          kid,
        });
        expect(await under.verdict(token)).toBe('invalid_token');
      }),
      { numRuns: 200 },
    );
  });
});

/** The rule, said in another way. */
function isGiven(list: unknown, { type, name, action }: Access): boolean {
  return (
    Array.isArray(list) &&
    list.some((entry: unknown) => {
      if (typeof entry !== 'object' || entry === null) return false;
      const given = new Map(Object.entries(entry));
      const actions: unknown = given.get('actions');
      if (given.get('type') !== type || given.get('name') !== name || !Array.isArray(actions)) return false;
      return actions.includes(action) || actions.includes('*');
    })
  );
}

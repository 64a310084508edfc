import { createHash } from 'node:crypto';
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

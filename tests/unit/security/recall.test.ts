import fc from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Authenticator } from '../../../src/application/ports/security/authenticator.js';
import { FailedLogins } from '../../../src/infrastructure/security/failed-logins.js';
import { HtpasswdAuthenticator } from '../../../src/infrastructure/security/htpasswd/htpasswd-authenticator.js';
import { HtpasswdUsers } from '../../../src/infrastructure/security/htpasswd/htpasswd-users.js';
import { PasswordChecks } from '../../../src/infrastructure/security/password-checks.js';
import { RememberedLogins } from '../../../src/infrastructure/security/remembered-logins.js';
import { ManualClock } from '../../support/fakes.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { claimsOf, signToken } from '../../support/token-maker.js';
import { RecordingLogger } from '../observability/recording-logger.js';
import { access, credentials, TokenUnderTest, written } from './token-under-test.js';

const PULL = access('team/app', 'pull');
const DELETE = access('team/app', 'delete');

let folder: TempDir;
let edits = 0;
beforeEach(async () => {
  folder = await makeTempDir();
});
afterEach(() => folder.remove());

/** Files have the resolution of a clock; a test must not be quicker. */
function changed(name: string, content: string): string {
  const path = written(folder.path, name, content);
  edits += 1;
  utimesSync(path, new Date(), new Date(Date.now() + edits * 10_000));
  return path;
}

/** The name that a request gets, as the dispatcher asks for it; undefined: it is refused. */
async function asked(authenticator: Authenticator, authorization: string, wanted = PULL) {
  const known = authenticator.recall(authorization, wanted);
  if (known !== undefined) return known.name;
  return answered(authenticator, authorization, wanted);
}

async function answered(authenticator: Authenticator, authorization: string, wanted = PULL) {
  try {
    return (await authenticator.authenticate(credentials(authorization), wanted)).name;
  } catch {
    return undefined;
  }
}

describe('a token that was shown before', () => {
  const [one, two] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const setOf = (...pairs: readonly (typeof one)[]) =>
    JSON.stringify({
      keys: pairs.map(({ publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid: 'k' })),
    });
  const header = async (now: number, over: Readonly<Record<string, unknown>> = {}) =>
    `Bearer ${await signToken(claimsOf({ now }, over), one.privateKey, { alg: 'EdDSA', kid: 'k' })}`;

  it('is known at once, for the rights that it gives', async () => {
    const { authenticator, clock } = new TokenUnderTest({ jwks: changed('jwks', setOf(one)) });
    const shown = await header(clock.now());
    expect(authenticator.recall(shown, PULL)).toBeUndefined();
    const principal = await authenticator.authenticate(credentials(shown), PULL);
    expect(authenticator.recall(shown, PULL)).toBe(principal);
    expect(authenticator.recall(shown, [])).toBe(principal);
    expect(authenticator.recall(shown, [...PULL, ...DELETE])).toBeUndefined();
    const optional = DELETE.map((each) => ({ ...each, isOptional: true as const }));
    expect(authenticator.recall(shown, [...PULL, ...optional])).toBe(principal);
  });

  it('is known by its whole header alone', async () => {
    const { authenticator, clock } = new TokenUnderTest({ jwks: changed('jwks', setOf(one)) });
    const shown = await header(clock.now());
    await authenticator.authenticate(credentials(shown), PULL);
    const end = shown.slice(-43);
    const forged = [
      `Bearer ${end}`,
      end,
      `${shown}A`,
      shown.slice(7),
      shown.replace('B', 'b'),
      `Basic ${end}`,
    ];
    for (const other of [...forged, '', undefined]) expect(authenticator.recall(other, PULL)).toBeUndefined();
    // The scheme's case does not count (RFC 9110 11.1), whichever came first.
    expect(await asked(authenticator, shown.replace('Bearer', 'bEARER'))).toBe('alice');
    expect(await asked(authenticator, shown)).toBe('alice');
  });

  it('is known no longer than it is good', async () => {
    const { authenticator, clock } = new TokenUnderTest({ jwks: changed('jwks', setOf(one)) });
    const shown = await header(clock.now(), { exp: Math.floor(clock.now() / 1000) + 10 });
    expect(await asked(authenticator, shown)).toBe('alice');
    clock.advance(59_000);
    expect(authenticator.recall(shown, PULL)?.name).toBe('alice');
    clock.advance(12_000);
    expect(authenticator.recall(shown, PULL)).toBeUndefined();
    expect(await answered(authenticator, shown)).toBeUndefined();
  });

  it('waits for the look at changed keys, and is known no more when they are others', async () => {
    const { authenticator, clock } = new TokenUnderTest({ jwks: changed('jwks', setOf(one)) });
    const shown = await header(clock.now());
    expect(await asked(authenticator, shown)).toBe('alice');
    changed('jwks', setOf(two));
    clock.advance(60_000);
    expect(authenticator.recall(shown, PULL)).toBeUndefined();
    expect(authenticator.recall(shown, PULL)).toBeUndefined();
    expect(await asked(authenticator, shown)).toBeUndefined();
    expect(authenticator.recall(shown, PULL)).toBeUndefined();
  });

  it('is not known to the one that a reload puts in its place', async () => {
    const former = new TokenUnderTest({ jwks: changed('jwks', setOf(one)) });
    const shown = await header(former.clock.now());
    expect(await asked(former.authenticator, shown)).toBe('alice');
    const { authenticator } = new TokenUnderTest({ jwks: `${folder.path}/jwks`, issuer: 'other' }, former);
    expect(authenticator.recall(shown, PULL)).toBeUndefined();
    expect(await asked(authenticator, shown)).toBeUndefined();
  });
});

describe('a login that was right before', () => {
  const basic = (user: string, password: string) =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  /** Only its own password fits: what stands behind the salt. */
  const hashOf = (password: string) => `$2y$05$${'a'.repeat(22)}${password.padEnd(31, '.')}`;
  const file = (users: Readonly<Record<string, string>>) =>
    changed(
      'htpasswd',
      Object.entries(users)
        .map(([user, password]) => `${user}:${hashOf(password)}\n`)
        .join(''),
    );
  const open = async (users: Readonly<Record<string, string>>) => {
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const authenticator = new HtpasswdAuthenticator({
      realm: 'r',
      users: await HtpasswdUsers.open(file(users), clock, logger),
      remembered: new RememberedLogins(clock),
      checks: new PasswordChecks(async (password, hash) => hash === hashOf(password.toString())),
      failed: new FailedLogins(clock),
      counts: { count: () => undefined },
      logger,
    });
    return { clock, authenticator };
  };

  it('is known at once, until ten minutes have gone', async () => {
    const { clock, authenticator } = await open({ alice: 'one' });
    expect(authenticator.recall(basic('alice', 'one'))).toBeUndefined();
    const principal = await authenticator.authenticate(credentials(basic('alice', 'one')), []);
    expect(authenticator.recall(basic('alice', 'one'))).toBe(principal);
    for (const other of [basic('alice', 'two'), basic('bob', 'one'), '', undefined]) {
      expect(authenticator.recall(other)).toBeUndefined();
    }
    clock.advance(600_001);
    await authenticator.authenticate(credentials(basic('alice', 'one')), []);
    clock.advance(600_001);
    expect(authenticator.recall(basic('alice', 'one'))).toBeUndefined();
  });

  it('waits for the look at the file, and is known no more when the line is another', async () => {
    const { clock, authenticator } = await open({ alice: 'one' });
    expect(await asked(authenticator, basic('alice', 'one'))).toBe('alice');
    file({ alice: 'two' });
    clock.advance(1_000);
    expect(authenticator.recall(basic('alice', 'one'))).toBeUndefined();
    expect(await asked(authenticator, basic('alice', 'one'))).toBeUndefined();
    expect(authenticator.recall(basic('alice', 'one'))).toBeUndefined();
    expect(await asked(authenticator, basic('alice', 'two'))).toBe('alice');
  });

  it('is answered as one that nobody remembers, whatever happens before', async () => {
    const password = fc.constantFrom('one', 'two');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('ask' as const), user: fc.constantFrom('alice', 'bob'), password }),
      fc.record({ kind: fc.constant('write' as const), user: fc.constantFrom('alice', 'bob'), password }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 1_000, 600_000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        let users: Readonly<Record<string, string>> = { alice: 'one' };
        const { clock, authenticator } = await open(users);
        // What the file said when it was looked at last.
        let [inForce, lookedAt] = [users, clock.now()];
        for (const each of steps) {
          if (each.kind === 'wait') clock.advance(each.ms);
          else if (each.kind === 'write') {
            users = { ...users, [each.user]: each.password };
            file(users);
          } else {
            // A refused login waits, by this clock.
            if (clock.now() - lookedAt >= 1_000) [inForce, lookedAt] = [users, clock.now()];
            const expected = inForce[each.user] === each.password ? each.user : undefined;
            expect(await asked(authenticator, basic(each.user, each.password))).toBe(expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

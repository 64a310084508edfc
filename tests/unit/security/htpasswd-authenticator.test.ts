import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { RegistryError } from '../../../src/domain/errors.js';
import { Unauthorized } from '../../../src/domain/access/unauthorized.js';
import { FailedLogins } from '../../../src/infrastructure/security/failed-logins.js';
import type { BcryptHash } from '../../../src/infrastructure/security/htpasswd/bcrypt-hash.js';
import { HtpasswdAuthenticator } from '../../../src/infrastructure/security/htpasswd/htpasswd-authenticator.js';
import { PasswordChecks } from '../../../src/infrastructure/security/password-checks.js';
import { RememberedLogins } from '../../../src/infrastructure/security/remembered-logins.js';
import { ManualClock } from '../../support/fakes.js';
import { RecordingLogger } from '../observability/recording-logger.js';

/** A hash that only its own password fits. */
const hashFor = (password: string, cost = 5): BcryptHash => ({ text: `hash of ${password}`, cost });
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('HtpasswdAuthenticator', () => {
  let clock: ManualClock;
  let logger: RecordingLogger;
  let users: Map<string, BcryptHash>;
  let verified: string[];
  let counted: string[];
  let authenticator: HtpasswdAuthenticator;

  const open = (realm: string): HtpasswdAuthenticator =>
    new HtpasswdAuthenticator({
      realm,
      users: { all: users, fresh: () => undefined },
      remembered: new RememberedLogins(clock),
      checks: new PasswordChecks(async (password, hash) => {
        verified.push(hash);
        return hash === `hash of ${password.toString()}`;
      }),
      failed: new FailedLogins(clock),
      counts: { count: (outcome) => void counted.push(outcome) },
      logger,
    });
  const login = async (authorization: string | undefined, address = '10.0.0.1') =>
    authenticator.authenticate({ authorization, address, host: undefined, forwardedProto: undefined }, []);

  beforeEach(() => {
    clock = new ManualClock();
    logger = new RecordingLogger();
    users = new Map([['alice', hashFor('secret')]]);
    verified = [];
    counted = [];
    authenticator = open('Registry');
  });

  it('knows who has the right password, and lets him do everything', async () => {
    const principal = await login(basic('alice', 'secret'));
    expect(principal.name).toBe('alice');
    expect(principal.may({ type: 'registry', name: 'catalog', action: '*' })).toBe(true);
    expect(counted).toEqual(['accepted']);
  });

  it('verifies a password once in ten minutes', async () => {
    await login(basic('alice', 'secret'));
    clock.advance(599_999);
    await login(basic('alice', 'secret'), 'another address');
    expect(verified).toHaveLength(1);
    clock.advance(2);
    await login(basic('alice', 'secret'));
    expect(verified).toHaveLength(2);
  });

  it('forgets what was right when the user has another hash, or is gone', async () => {
    await login(basic('alice', 'secret'));
    users.set('alice', hashFor('new'));
    await expect(login(basic('alice', 'secret'))).rejects.toBeInstanceOf(Unauthorized);
    await login(basic('alice', 'new'));
    users.delete('alice');
    await expect(login(basic('alice', 'new'))).rejects.toBeInstanceOf(Unauthorized);
  });

  it('remembers no wrong password, and no right one of another user', async () => {
    users.set('bob', hashFor('other'));
    await login(basic('alice', 'secret'));
    for (const header of [basic('bob', 'secret'), basic('alice', 'secre'), basic('alice', '')]) {
      await expect(login(header)).rejects.toBeInstanceOf(Unauthorized);
    }
    expect(counted).toEqual(['accepted', 'refused', 'refused', 'refused']);
  });

  it('does the same work for a name that nobody has, with a cost that somebody has', async () => {
    users = new Map([
      ['a', hashFor('x', 5)],
      ['b', hashFor('x', 12)],
    ]);
    authenticator = open('Registry');
    const costs = new Set<string>();
    for (let index = 0; index < 40; index += 1) {
      const begun = verified.length;
      for (const address of ['10.0.0.1', '10.0.0.2']) {
        await expect(login(basic(`nobody${index}`, 'x'), address)).rejects.toBeInstanceOf(Unauthorized);
      }
      const [first, second, ...more] = verified.slice(begun);
      expect([first, more]).toEqual([second, []]);
      costs.add(/^\$2b\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(first ?? '')?.[1] ?? '');
    }
    expect(costs).toEqual(new Set(['05', '12']));
  });

  it('refuses a wrong password as it refuses a wrong name', async () => {
    const said = async (user: string) => {
      const error = await login(basic(user, 'wrong')).catch((refusal: unknown) => refusal);
      const { message, challenge, problems } = error as Unauthorized;
      return { message, challenge, problems };
    };
    expect(await said('alice')).toEqual(await said('nobody'));
  });

  it('tells in the log who failed, but no name that nobody has, and never a password', async () => {
    await expect(login(basic('alice', 'hunter2'))).rejects.toThrow();
    await expect(login(basic('hunter2', 'hunter2'))).rejects.toThrow();
    expect(logger.lines.map(({ message, fields }) => [message, fields])).toEqual([
      ['a login failed', { address: '10.0.0.1', user: 'alice' }],
      ['a login failed', { address: '10.0.0.1' }],
    ]);
  });

  it.each([
    ['Registry', 'Basic realm="Registry"'],
    ['a "b" \\c', 'Basic realm="a \\"b\\" \\\\c"'],
    ['Ü', 'Basic realm="\u00c3\u009c"'],
  ])('asks for %s by a challenge that a header can carry', async (realm, challenge) => {
    authenticator = open(realm);
    await expect(login(undefined)).rejects.toMatchObject({ challenge });
    expect(challenge).toMatch(/^[\x20-\xff]*$/);
  });

  it('answers whatever a header holds with a refusal, without work for what is no login', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `Basic ${text}`),
          fc.uint8Array().map((bytes) => `basic ${Buffer.from(bytes).toString('base64')}`),
        ),
        async (header) => {
          authenticator = open('Registry');
          await expect(login(header)).rejects.toBeInstanceOf(RegistryError);
        },
      ),
    );
    verified = [];
    await expect(login('Bearer x')).rejects.toBeInstanceOf(Unauthorized);
    expect([verified, counted.filter((outcome) => outcome === 'accepted')]).toEqual([[], []]);
  });
});

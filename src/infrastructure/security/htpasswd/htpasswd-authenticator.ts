import { createHmac, randomBytes } from 'node:crypto';
import type { Authenticator, Credentials } from '../../../application/ports/security/authenticator.js';
import type { Logger } from '../../../application/ports/system/logger.js';
import type { Access } from '../../../domain/access/access.js';
import type { Principal } from '../../../domain/access/principal.js';
import { Unauthorized } from '../../../domain/access/unauthorized.js';
import { RegistryError } from '../../../domain/errors.js';
import { type BasicCredentials, parseBasic } from '../basic-credentials.js';
import type { LoginOutcome } from '../../observability/login-metrics.js';
import type { FailedLogins } from '../failed-logins.js';
import type { PasswordChecks } from '../password-checks.js';
import { quotedString } from '../quoted-string.js';
import type { RememberedLogins } from '../remembered-logins.js';
import { type BcryptHash, hashOfNobody } from './bcrypt-hash.js';
import type { HtpasswdUsers } from './htpasswd-users.js';

/** A login that was right, with the hash that its password fits. */
export interface RightLogin {
  readonly user: string;
  readonly hash: string;
  readonly principal: Principal;
}

export interface HtpasswdParts {
  /** What users are told that they sign in to. */
  readonly realm: string;
  readonly users: Pick<HtpasswdUsers, 'all' | 'fresh'>;
  readonly remembered: RememberedLogins<RightLogin>;
  readonly checks: PasswordChecks;
  readonly failed: FailedLogins;
  readonly counts: { count(outcome: LoginOutcome): void };
  readonly logger: Logger;
}

/** Users and passwords of a file (htpasswd). Whoever is in it may do everything, as with the reference registry. */
export class HtpasswdAuthenticator implements Authenticator {
  readonly #parts: HtpasswdParts;
  readonly #challenge: string;
  readonly #key = randomBytes(32);
  /** Stand in for users who are not there, by cost. */
  readonly #nobodies = new Map<number, BcryptHash>();

  constructor(parts: HtpasswdParts) {
    this.#parts = parts;
    this.#challenge = `Basic realm=${quotedString(parts.realm)}`;
  }

  recall(authorization: string | undefined): Principal | undefined {
    // Where the file has to be looked at first, `authenticate` waits for the look that begins here.
    if (authorization === undefined || this.#parts.users.fresh() !== undefined) return undefined;
    return this.#recall(this.#parts.remembered.markOf(authorization));
  }

  async authenticate(credentials: Credentials, wanted: readonly Access[]): Promise<Principal> {
    const { authorization } = credentials;
    if (authorization === undefined) throw this.#refusal('sign in with user and password', wanted);
    const looking = this.#parts.users.fresh();
    if (looking !== undefined) await looking;
    const mark = this.#parts.remembered.markOf(authorization);
    return this.#recall(mark) ?? this.#login(credentials, mark, wanted);
  }

  #recall(mark: string): Principal | undefined {
    const { users, remembered } = this.#parts;
    const login = remembered.find(mark);
    // What was right before the user's line changed is no more.
    return login !== undefined && users.all.get(login.user)?.text === login.hash
      ? login.principal
      : undefined;
  }

  async #login(credentials: Credentials, mark: string, wanted: readonly Access[]): Promise<Principal> {
    const login = parseBasic(credentials.authorization);
    if (login === undefined) throw this.#refusal('sign in with user and password', wanted);
    const { users, remembered, logger } = this.#parts;
    const { user } = login;
    const known = users.all.get(user);
    const { text: hash } = known ?? this.#nobodyFor(user);
    const isRight = await this.#verify(login, hash, mark, credentials.address);
    if (isRight && known !== undefined) {
      const principal: Principal = { name: user, may: () => true };
      remembered.remember(mark, { user, hash, principal });
      return principal;
    }
    // A name that nobody has may be a password that was typed into the wrong field.
    const named = known === undefined ? {} : { user };
    logger.warn('a login failed', { address: credentials.address, ...named });
    throw this.#refusal('the user or the password is wrong', wanted);
  }

  async #verify(
    { password }: BasicCredentials,
    hash: string,
    mark: string,
    address: string,
  ): Promise<boolean> {
    const { failed, checks, counts } = this.#parts;
    try {
      return await failed.tried(address, async () => {
        const isRight = await checks.check(`${mark}${hash}`, password, hash);
        counts.count(isRight ? 'accepted' : 'refused');
        return isRight;
      });
    } catch (error) {
      if (error instanceof RegistryError) counts.count('put_off');
      throw error;
    }
  }

  /**
   * Verifying a password takes as long for a name that nobody has: with the cost that some user's hash has, always the
   * same one for the same name.
   */
  #nobodyFor(name: string): BcryptHash {
    const hashes = [...this.#parts.users.all.values()];
    const chosen = createHmac('sha256', this.#key).update(name).digest().readUInt32BE();
    const cost = hashes[chosen % hashes.length]?.cost ?? hashOfNobody().cost;
    const nobody = this.#nobodies.get(cost) ?? hashOfNobody(cost);
    this.#nobodies.set(cost, nobody);
    return nobody;
  }

  #refusal(message: string, wanted: readonly Access[]): Unauthorized {
    return new Unauthorized(message, this.#challenge, wanted);
  }
}

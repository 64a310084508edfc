import type { Authenticator, Credentials } from '../../../application/ports/security/authenticator.js';
import type { Clock } from '../../../application/ports/system/clock.js';
import type { Logger } from '../../../application/ports/system/logger.js';
import type { Access } from '../../../domain/access/access.js';
import type { Principal } from '../../../domain/access/principal.js';
import { Unauthorized } from '../../../domain/access/unauthorized.js';
import { Unavailable } from '../../../domain/errors.js';
import { RememberedTokens } from './remembered-tokens.js';
import { TokenChallenge } from './token-challenge.js';
import { TokenKeys } from './token-keys.js';
import type { TokenOptions } from './token-options.js';
import type { TokenPrincipal } from './token-principal.js';
import { TokenRefused, UnknownKey } from './token-refused.js';
import { TokenVerifier } from './token-verifier.js';
import type { TrustedKeys } from './trusted-keys.js';

/** Characters of the longest token that is looked at. */
const LONGEST = 32 * 1024;
/** Seconds after which a client may come again while there are no keys. */
const RETRY_AFTER = 5;

/**
 * Believes tokens that an external server has signed (`auth.token`). A token that was checked is remembered, because
 * checking it costs more than the rest of a pull.
 */
export class TokenAuthenticator implements Authenticator {
  readonly #keys: TokenKeys;
  readonly #verifier: TokenVerifier;
  readonly #challenge: TokenChallenge;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #remembered = new RememberedTokens();

  /**
   * @param former what it takes the place of
   * @throws NamedFileRefused when a file with keys is missing or broken
   */
  constructor(options: TokenOptions, clock: Clock, logger: Logger, former?: TokenAuthenticator) {
    this.#keys = new TokenKeys(options, clock, logger, former && former.#keys);
    this.#verifier = new TokenVerifier(options);
    this.#challenge = new TokenChallenge(options);
    this.#clock = clock;
    this.#logger = logger;
  }

  recall(authorization: string | undefined, wanted: readonly Access[]): Principal | undefined {
    if (authorization === undefined) return undefined;
    const known = this.#remembered.find(authorization, this.#keys.current, this.#clock.now());
    // Where the keys have to be looked at first, `authenticate` waits for the look that begins here.
    if (known === undefined || this.#keys.look('time') !== undefined) return undefined;
    return mayDo(known, wanted) ? known : undefined;
  }

  /** @throws Unauthorized; Unavailable as long as keys could not be fetched */
  async authenticate(credentials: Credentials, wanted: readonly Access[]): Promise<Principal> {
    const shown = shownToken(credentials.authorization);
    if (shown === undefined) {
      throw new Unauthorized('authentication required', this.#challenge.for(credentials, wanted), wanted);
    }
    const looking = this.#keys.look('time');
    if (looking !== undefined) await looking;
    const known = this.#remembered.find(shown.authorization, this.#keys.current, this.#clock.now());
    const principal = known ?? (await this.#check(shown, credentials, wanted));
    if (mayDo(principal, wanted)) return principal;
    const challenge = this.#challenge.for(credentials, wanted, 'insufficient_scope');
    throw new Unauthorized('the token does not give this right', challenge, wanted);
  }

  async #check(
    shown: ShownToken,
    credentials: Credentials,
    wanted: readonly Access[],
  ): Promise<TokenPrincipal> {
    try {
      if (shown.token.length > LONGEST) throw new TokenRefused('it is too long');
      return await this.#verify(shown);
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      this.#logger.debug('a token was refused', { reason: error.message, address: credentials.address });
      const challenge = this.#challenge.for(credentials, wanted, 'invalid_token');
      throw new Unauthorized('the token is not valid', challenge, wanted);
    }
  }

  async #verify(shown: ShownToken): Promise<TokenPrincipal> {
    const keys = this.#keys.current;
    try {
      return await this.#verifyWith(shown, keys);
    } catch (error) {
      if (!(error instanceof UnknownKey)) throw error;
      await this.#keys.look('unknown key');
      if (this.#keys.current !== keys) return this.#verifyWith(shown, this.#keys.current);
      if (this.#keys.isWhole) throw error;
      throw new Unavailable('the keys that check tokens can not be fetched', RETRY_AFTER);
    }
  }

  async #verifyWith({ authorization, token }: ShownToken, keys: TrustedKeys): Promise<TokenPrincipal> {
    const verified = await this.#verifier.verify(token, keys, this.#clock.now());
    this.#remembered.add(authorization, verified, keys);
    return verified.principal;
  }
}

interface ShownToken {
  /** The whole header. */
  readonly authorization: string;
  readonly token: string;
}

/** RFC 6750 2.1. Undefined: none, or credentials of another kind. */
function shownToken(authorization: string | undefined): ShownToken | undefined {
  if (authorization === undefined || !/^bearer /i.test(authorization)) return undefined;
  const token = authorization.slice('bearer '.length).trim();
  return token === '' ? undefined : { authorization, token };
}

function mayDo(principal: TokenPrincipal, wanted: readonly Access[]): boolean {
  return wanted.every((access) => access.isOptional === true || principal.may(access));
}

import { errors, jwtVerify } from 'jose';
import { chooseKey } from './choose-key.js';
import type { TokenOptions } from './token-options.js';
import { TokenPrincipal } from './token-principal.js';
import { TokenRefused } from './token-refused.js';
import type { TrustedKeys } from './trusted-keys.js';

/** How far (s) clocks may differ. */
const LEEWAY = 60;

export interface VerifiedToken {
  readonly principal: TokenPrincipal;
  /** Unix time (ms) from which it has to be checked anew. */
  readonly until: number;
}

/** Checks tokens: JSON Web Tokens in compact form (RFC 7519), signed by somebody who is trusted. */
export class TokenVerifier {
  readonly #checks: {
    readonly issuer: string;
    readonly audience: string;
    readonly algorithms: string[];
    readonly clockTolerance: number;
    readonly requiredClaims: string[];
  };

  constructor({ issuer, service, signingalgorithms }: TokenOptions) {
    this.#checks = {
      issuer,
      audience: service,
      algorithms: [...signingalgorithms],
      clockTolerance: LEEWAY,
      requiredClaims: ['exp'],
    };
  }

  /**
   * @param now Unix time (ms)
   * @throws TokenRefused; UnknownKey when other keys could help
   */
  async verify(token: string, keys: TrustedKeys, now: number): Promise<VerifiedToken> {
    let keyUntil = Number.POSITIVE_INFINITY;
    try {
      const { payload } = await jwtVerify(
        token,
        (header) => {
          const { key, until } = chooseKey(header, keys, now);
          keyUntil = until;
          return key;
        },
        { ...this.#checks, currentDate: new Date(now) },
      );
      const { sub, access, exp = 0 } = payload as { sub?: unknown; access?: unknown; exp?: number };
      // JSON has numbers that are too large for one, and such an end would never come.
      if (!Number.isFinite(exp)) throw new TokenRefused('its end is no time');
      return { principal: new TokenPrincipal(sub, access), until: Math.min((exp + LEEWAY) * 1000, keyUntil) };
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new TokenRefused(error.message, { cause: error });
      throw error;
    }
  }
}

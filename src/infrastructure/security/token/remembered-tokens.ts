import { LRUCache } from 'lru-cache';
import type { TokenPrincipal } from './token-principal.js';
import type { VerifiedToken } from './token-verifier.js';
import type { TrustedKeys } from './trusted-keys.js';

/** Characters of all headers that are remembered, with what is kept of each beside it. */
const MOST = 16 * 1024 * 1024;
const ENTRY = 512;
/** Characters at the end of a header: 256 bits of the token's signature. */
const END = 43;

interface Remembered extends VerifiedToken {
  readonly authorization: string;
  /** Those it was checked with. */
  readonly keys: TrustedKeys;
}

/**
 * Tokens that were checked, by the headers `Authorization` that showed them. A header is looked for by its end and then
 * compared whole, which costs a fifth of a hash over it, and less than to take the token out of it: this is done for
 * every request.
 */
export class RememberedTokens {
  readonly #byEnd = new LRUCache<string, Remembered>({ maxSize: MOST });

  /**
   * @param keys those that are trusted now: with others it has to be checked anew
   * @param now Unix time (ms)
   */
  find(authorization: string, keys: TrustedKeys, now: number): TokenPrincipal | undefined {
    const known = this.#byEnd.get(authorization.slice(-END));
    if (known?.authorization !== authorization || known.keys !== keys) return undefined;
    return now < known.until ? known.principal : undefined;
  }

  add(authorization: string, { principal, until }: VerifiedToken, keys: TrustedKeys): void {
    const entry = { authorization, principal, until, keys };
    this.#byEnd.set(authorization.slice(-END), entry, { size: authorization.length + ENTRY });
  }
}

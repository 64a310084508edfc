import { LRUCache } from 'lru-cache';
import type { TokenPrincipal } from './token-principal.js';
import type { VerifiedToken } from './token-verifier.js';
import type { TrustedKeys } from './trusted-keys.js';

/** Characters of all tokens that are remembered, with what is kept of each beside it. */
const MOST = 16 * 1024 * 1024;
const ENTRY = 512;
/** Characters at the end of a token: 256 bits of its signature. */
const END = 43;

interface Remembered extends VerifiedToken {
  readonly token: string;
  /** Those it was checked with. */
  readonly keys: TrustedKeys;
}

/**
 * Tokens that were checked. A token is looked for by its end and then compared whole, which costs a fifth of a hash over
 * it: this is done for every request.
 */
export class RememberedTokens {
  readonly #byEnd = new LRUCache<string, Remembered>({ maxSize: MOST });

  /**
   * @param keys those that are trusted now: with others it has to be checked anew
   * @param now Unix time (ms)
   */
  find(token: string, keys: TrustedKeys, now: number): TokenPrincipal | undefined {
    const known = this.#byEnd.get(token.slice(-END));
    if (known === undefined || known.token !== token || known.keys !== keys) return undefined;
    return now < known.until ? known.principal : undefined;
  }

  add(token: string, { principal, until }: VerifiedToken, keys: TrustedKeys): void {
    const entry = { token, principal, until, keys };
    this.#byEnd.set(token.slice(-END), entry, { size: token.length + ENTRY });
  }
}

import { hash, type KeyObject, type X509Certificate } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type ChainedKey, keyOfChain } from './certificate-chain.js';
import { suits, type TrustedKey } from './trusted-key.js';

/** Chains that are remembered. A token server has one, or two while it changes its key. */
const CHAINS = 100;

/** Everything that is trusted at one moment. */
export class TrustedKeys {
  /** Whose chains are believed. */
  readonly #roots: readonly X509Certificate[];
  readonly #byId = new Map<string, TrustedKey[]>();
  readonly #chains = new LRUCache<string, ChainedKey>({ max: CHAINS });

  constructor(roots: readonly X509Certificate[], keys: readonly TrustedKey[]) {
    this.#roots = roots;
    for (const key of keys) {
      for (const id of key.ids) this.#byId.set(id, [...(this.#byId.get(id) ?? []), key]);
    }
  }

  /** The key of this name that is for this algorithm. */
  find(id: string, algorithm: string): KeyObject | undefined {
    const named = this.#byId.get(id);
    return named?.find(
      ({ key, algorithm: only }) => (only === undefined || only === algorithm) && suits(key, algorithm),
    )?.key;
  }

  /**
   * See `keyOfChain`. What a root vouches for is remembered: to find it out costs three times what the rest of a token
   * does, and its server sends the same with each.
   */
  certified(chain: unknown, now: number): ChainedKey | undefined {
    const id = hash('sha256', JSON.stringify(chain), 'base64');
    const known = this.#chains.get(id);
    if (known !== undefined && now < known.until) return known;
    const found = keyOfChain(chain, this.#roots, now);
    if (found !== undefined) this.#chains.set(id, found);
    return found;
  }
}

import type { KeyObject, X509Certificate } from 'node:crypto';
import { suits, type TrustedKey } from './trusted-key.js';

/** Everything that is trusted at one moment. */
export class TrustedKeys {
  /** Whose chains are believed. */
  readonly roots: readonly X509Certificate[];
  readonly #byId = new Map<string, TrustedKey[]>();

  constructor(roots: readonly X509Certificate[], keys: readonly TrustedKey[]) {
    this.roots = roots;
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
}

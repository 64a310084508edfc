import type { ChainedKey } from './certificate-chain.js';
import { TokenRefused, UnknownKey } from './token-refused.js';
import { suits } from './trusted-key.js';
import type { TrustedKeys } from './trusted-keys.js';

/** What a token says of its key. Anybody may have written it. */
export interface TokenHeader {
  readonly alg?: unknown;
  readonly kid?: unknown;
  readonly jwk?: unknown;
  readonly x5c?: unknown;
}

/**
 * The key with which the signature has to agree, in the order of the reference registry: a chain of certificates, that of
 * an embedded key, the name of an embedded key, the name of a key. An embedded key itself never counts.
 * @param now Unix time (ms)
 * @throws UnknownKey; TokenRefused
 */
export function chooseKey({ alg, kid, jwk, x5c }: TokenHeader, keys: TrustedKeys, now: number): ChainedKey {
  const algorithm = typeof alg === 'string' ? alg : '';
  const embedded = typeof jwk === 'object' && jwk !== null ? (jwk as TokenHeader) : undefined;
  const chain = x5c ?? embedded?.x5c;
  if (chain !== undefined) return certifiedKey(chain, algorithm, keys, now);
  const id = jwk === undefined ? kid : embedded?.kid;
  const key = typeof id === 'string' ? keys.find(id, algorithm) : undefined;
  if (key === undefined) throw new UnknownKey('its key is not known');
  return { key, until: Number.POSITIVE_INFINITY };
}

function certifiedKey(chain: unknown, algorithm: string, keys: TrustedKeys, now: number): ChainedKey {
  const certified = keys.certified(chain, now);
  if (certified === undefined) throw new UnknownKey('its certificates lead to no root that is trusted');
  if (suits(certified.key, algorithm)) return certified;
  throw new TokenRefused('its certificate is not for its algorithm');
}

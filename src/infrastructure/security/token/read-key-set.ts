import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { KeyMaterialRefused } from './key-material-refused.js';
import { idsOf, isUsable, type TrustedKey, USABLE_KEYS } from './trusted-key.js';

const TYPES = new Set(['RSA', 'EC', 'OKP']);

/**
 * The keys of a JSON Web Key Set (RFC 7517 5) that can check signatures. Others may stand beside them. A key without a
 * name gets those that could be computed from it.
 * @throws KeyMaterialRefused
 */
export function readKeySet(text: string): TrustedKey[] {
  const found = keysOf(text).flatMap((entry, index) => readKey(entry, index));
  if (found.length > 0) return found;
  throw new KeyMaterialRefused(`has no key that can check a signature: ${USABLE_KEYS} can`);
}

function keysOf(text: string): readonly unknown[] {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch (error) {
    throw new KeyMaterialRefused('is no JSON', { cause: error });
  }
  if (isRecord(set) && Array.isArray(set['keys'])) return set['keys'];
  throw new KeyMaterialRefused('is no JSON Web Key Set: it must have a list called "keys"');
}

function readKey(entry: unknown, index: number): TrustedKey[] {
  if (!isRecord(entry)) throw new KeyMaterialRefused(`has an entry ${index + 1} of "keys" that is no key`);
  const { kty, use, kid, alg } = entry;
  if (!TYPES.has(String(kty)) || (use !== undefined && use !== 'sig')) return [];
  const key = parse(entry, index);
  if (!isUsable(key)) return [];
  const ids = typeof kid === 'string' && kid !== '' ? [kid] : idsOf(key);
  return [{ key, ids, ...(typeof alg === 'string' ? { algorithm: alg } : {}) }];
}

function parse(entry: Record<string, unknown>, index: number): KeyObject {
  try {
    return createPublicKey({ key: entry as JsonWebKey, format: 'jwk' });
  } catch (error) {
    throw new KeyMaterialRefused(`has a key, number ${index + 1}, that can not be read`, { cause: error });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { createHash, type KeyObject } from 'node:crypto';

/** A public key that may sign tokens. */
export interface TrustedKey {
  readonly key: KeyObject;
  /** What a token may call it in `kid`. */
  readonly ids: readonly string[];
  /** The only algorithm that it is for, where its owner says so (`alg` of a JWK). */
  readonly algorithm?: string;
}

const CURVES: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
};
/** Bits. RFC 7518 3.3 and 3.5. */
const SHORTEST_RSA = 2048;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What keys there can be, as it ends a sentence. */
export const USABLE_KEYS = 'RSA of 2048 bits or more, EC on P-256, P-384 or P-521, and Ed25519';

/** Whether there is an algorithm for it. */
export function isUsable(key: KeyObject): boolean {
  return ['RS256', 'PS256', 'EdDSA', ...Object.keys(CURVES)].some((algorithm) => suits(key, algorithm));
}

/** Whether the key can check signatures of this algorithm. */
export function suits(key: KeyObject, algorithm: string): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (/^[RP]S(256|384|512)$/.test(algorithm)) {
    return type === 'rsa' && (details?.modulusLength ?? 0) >= SHORTEST_RSA;
  }
  if (algorithm === 'EdDSA') return type === 'ed25519';
  return type === 'ec' && details?.namedCurve !== undefined && details.namedCurve === CURVES[algorithm];
}

/**
 * What token servers call a key: its thumbprint (RFC 7638); the same as the reference registry computes it, which leaves
 * out zeros at the beginning of the coordinates of EC keys; and the id of libtrust, which registry:2 knows alone.
 */
export function idsOf(key: KeyObject): string[] {
  return [...new Set([...thumbprints(key), libtrustId(key)])];
}

function thumbprints(key: KeyObject): string[] {
  const { kty, crv, e, n, x, y } = key.export({ format: 'jwk' });
  if (kty === 'RSA') return [digest({ e, kty, n })];
  if (kty === 'OKP') return [digest({ crv, kty, x })];
  return [digest({ crv, kty, x, y }), digest({ crv, kty, x: withoutZeros(x), y: withoutZeros(y) })];
}

/** @param members in the order of their names (RFC 7638 3.3) */
function digest(members: object): string {
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

function withoutZeros(coordinate = ''): string {
  const bytes = Buffer.from(coordinate, 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(Math.max(first, 0)).toString('base64url');
}

/** The first 240 bits of the SHA-256 of the key in DER, in base32, in groups of four: `ABCD:EFGH:…`. */
function libtrustId(key: KeyObject): string {
  const hash = createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest();
  const bits = [...hash.subarray(0, 30)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = bits.replaceAll(/.{5}/g, (five) => BASE32[Number.parseInt(five, 2)] ?? '');
  return letters.replaceAll(/.{4}(?=.)/g, '$&:');
}

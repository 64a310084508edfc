import { generateKeyPairSync, type KeyObject, type KeyPairKeyObjectResult } from 'node:crypto';
import { CompactSign } from 'jose';

/** The claims of a token that is good at `now` (ms), with others over them. `undefined` takes one out. */
export function claimsOf(
  { issuer = 'auth.example', service = 'registry.example', now = Date.now() },
  over: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const seconds = Math.floor(now / 1000);
  return {
    iss: issuer,
    sub: 'alice',
    aud: service,
    exp: seconds + 300,
    nbf: seconds - 10,
    iat: seconds,
    jti: 'one',
    access: [{ type: 'repository', name: 'team/app', actions: ['pull', 'push'] }],
    ...over,
  };
}

/** Signs whatever it is given, as a token server would. */
export async function signToken(
  payload: string | object,
  key: KeyObject,
  header: Readonly<Record<string, unknown>> & { readonly alg: string },
): Promise<string> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return new CompactSign(Buffer.from(text)).setProtectedHeader({ typ: 'JWT', ...header }).sign(key);
}

/** Keys of P-256 of which x begins with one byte of zero, and y with none: once in 256. */
export function ecKeysWithZero(): KeyPairKeyObjectResult {
  for (;;) {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = keys.publicKey.export({ format: 'jwk' });
    const [first, second] = Buffer.from(x, 'base64url');
    if (first === 0 && second !== 0 && Buffer.from(y, 'base64url')[0] !== 0) return keys;
  }
}

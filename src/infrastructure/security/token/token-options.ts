/** The algorithms of signatures (RFC 7518 3.1, RFC 8037) whose keys can be public. */
export const SIGNING_ALGORITHMS = [
  'EdDSA',
  'RS256',
  'RS384',
  'RS512',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
] as const;

export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** The keys of `auth.token`. */
export interface TokenOptions {
  /** Where clients get tokens: a URL, unless `autoredirect` says another. */
  readonly realm: string;
  /** What the tokens are for: must stand in `aud`. */
  readonly service: string;
  /** Who makes them: `iss`. */
  readonly issuer: string;
  /** A file with certificates in PEM. Absolute. */
  readonly rootcertbundle: string | undefined;
  /** A JSON Web Key Set (RFC 7517): an absolute path, or a URL. */
  readonly jwks: string | undefined;
  /** Whether clients are sent to this registry's own host, at `autoredirectpath`. */
  readonly autoredirect: boolean;
  readonly autoredirectpath: string;
  readonly signingalgorithms: readonly SigningAlgorithm[];
}

/** Whether `auth.token.jwks` is an address and no path. */
export function isAddress(jwks: string): boolean {
  return /^https?:\/\//i.test(jwks);
}

/** What a user signs in with. */
export interface BasicCredentials {
  readonly user: string;
  /** As it was sent: hashes are over bytes. */
  readonly password: Buffer;
}

const BASIC = /^basic +([a-z0-9+/]+={0,2})$/i;
const COLON = 0x3a;

/** The credentials in a header `Authorization` (RFC 7617 2); undefined when it has none of this scheme. */
export function parseBasic(authorization: string | undefined): BasicCredentials | undefined {
  const encoded = authorization === undefined ? undefined : BASIC.exec(authorization.trim())?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64');
  const colon = decoded.indexOf(COLON);
  if (colon < 1) return undefined;
  return { user: decoded.toString('utf8', 0, colon), password: decoded.subarray(colon + 1) };
}

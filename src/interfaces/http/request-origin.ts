import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { RequestOrigin } from '../../application/request-context.js';
import type { ClientAddresses } from './client-addresses.js';
import type { Locations } from './presenters/locations.js';

const BASIC = /^basic +([a-z0-9+/]+={0,2})$/i;
const SCHEME = /^https?$/;
/** Characters of what a client calls itself: events wait in the database. */
const LONGEST_USER_AGENT = 1_024;

/** What events tell of a request, which may be believed as far as the client may be. */
export function requestOrigin(
  req: IncomingMessage,
  id: string,
  clients: ClientAddresses,
  locations: Locations,
): RequestOrigin {
  const host = req.headers.host ?? '';
  return {
    request: {
      id,
      addr: addressOf(req, clients),
      host,
      method: req.method ?? 'GET',
      userAgent: (req.headers['user-agent'] ?? '').slice(0, LONGEST_USER_AGENT),
    },
    claimedUser: claimedUser(req.headers.authorization),
    base: locations.absoluteBase(() => askedOrigin(req, host, clients)),
  };
}

/** With the port, where the client itself is connected. */
function addressOf(req: IncomingMessage, clients: ClientAddresses): string {
  const address = clients.of(req);
  const { remoteAddress, remotePort } = req.socket;
  if (address === '' || address !== remoteAddress) return address;
  return `${address.includes(':') ? `[${address}]` : address}:${remotePort}`;
}

/** Scheme and host that the client has used, as far as it can be known. */
function askedOrigin(req: IncomingMessage, host: string, clients: ClientAddresses): string {
  const { localAddress, localPort } = req.socket;
  const own = req.socket instanceof TLSSocket ? 'https' : 'http';
  const forwarded = clients.mayForward(req) ? req.headers : {};
  const scheme = firstOf(forwarded['x-forwarded-proto'])?.toLowerCase() ?? own;
  const name = firstOf(forwarded['x-forwarded-host']) ?? host;
  return `${SCHEME.test(scheme) ? scheme : own}://${name === '' ? `${localAddress}:${localPort}` : name}`;
}

/** The one that stands nearest to the client. */
function firstOf(header: string | string[] | undefined): string | undefined {
  const [first = ''] = String(header ?? '').split(',', 1);
  return first.trim() === '' ? undefined : first.trim();
}

function claimedUser(authorization: string | undefined): string | undefined {
  const encoded = authorization === undefined ? undefined : BASIC.exec(authorization.trim())?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString();
  const user = decoded.slice(0, Math.max(0, decoded.indexOf(':')));
  return user === '' ? undefined : user;
}

import type { TLSSocket } from 'node:tls';

/** What is asked of the certificate of a client, by the names of `http.tls.clientauth`. */
export type ClientAuth =
  | 'request-client-cert'
  | 'require-any-client-cert'
  | 'verify-client-cert-if-given'
  | 'require-and-verify-client-cert';

/** How Node asks for it. Only the strictest can be left to the handshake; see `refusalOf` for the others. */
export function clientOptions(auth: ClientAuth | undefined): {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
} {
  return { requestCert: auth !== undefined, rejectUnauthorized: auth === 'require-and-verify-client-cert' };
}

/** Why a client whose handshake is done may not go on; undefined when it may. */
export function refusalOf(auth: ClientAuth | undefined, socket: TLSSocket): string | undefined {
  if (auth !== 'require-any-client-cert' && auth !== 'verify-client-cert-if-given') return undefined;
  const hasShown = Object.keys(socket.getPeerCertificate()).length > 0;
  if (auth === 'require-any-client-cert') return hasShown ? undefined : 'the client showed no certificate';
  return hasShown && !socket.authorized ? String(socket.authorizationError) : undefined;
}

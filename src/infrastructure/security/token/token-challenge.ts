import type { Credentials } from '../../../application/ports/security/authenticator.js';
import type { Access, Action } from '../../../domain/access/access.js';
import { quotedString } from '../quoted-string.js';
import type { TokenOptions } from './token-options.js';

/** Why a token that was sent is not enough (RFC 6750 3.1). */
export type ChallengeError = 'invalid_token' | 'insufficient_scope';

const ORDER: readonly Action[] = ['pull', 'push', 'delete', '*'];
/** A host as a client may have sent it (RFC 3986 3.2.2), with a port. Nothing else gets into a header. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;
const PROTOCOL = /^https?$/i;
/** Names that a client may be told to ask for. The rest was never the name of a repository. */
const NAME = /^[\w.:/-]{1,512}$/;

/** Makes the value of `WWW-Authenticate` that leads a client to its token. */
export class TokenChallenge {
  readonly #configured: string;
  readonly #service: string;
  /** Undefined: everybody is sent to the configured realm. */
  readonly #ownPath: string | undefined;

  constructor({ realm, service, autoredirect, autoredirectpath }: TokenOptions) {
    this.#configured = realm;
    this.#service = service;
    this.#ownPath = autoredirect ? autoredirectpath : undefined;
  }

  /** Without blanks after the commas, as the reference registry has it and some clients expect it. */
  for(credentials: Credentials, wanted: readonly Access[], error?: ChallengeError): string {
    const parts = [
      `realm=${quotedString(this.#realm(credentials))}`,
      `service=${quotedString(this.#service)}`,
    ];
    const scope = scopeOf(wanted);
    if (scope !== '') parts.push(`scope=${quotedString(scope)}`);
    if (error !== undefined) parts.push(`error=${quotedString(error)}`);
    return `Bearer ${parts.join(',')}`;
  }

  #realm({ host, forwardedProto }: Credentials): string {
    if (this.#ownPath === undefined || host === undefined || !HOST.test(host)) return this.#configured;
    const [first = ''] = (forwardedProto ?? '').split(',', 1);
    const protocol = PROTOCOL.test(first.trim()) ? first.trim().toLowerCase() : 'https';
    return `${protocol}://${host}${this.#ownPath}`;
  }
}

/** Resources in the order in which they are wanted, the actions of each in one order (distribution token scope). */
function scopeOf(wanted: readonly Access[]): string {
  const resources = new Map<string, Set<Action>>();
  for (const { type, name, action } of wanted) {
    if (!NAME.test(name)) continue;
    const resource = `${type}:${name}`;
    const actions = resources.get(resource) ?? new Set();
    resources.set(resource, actions.add(action));
  }
  return [...resources]
    .map(([resource, actions]) => `${resource}:${ORDER.filter((action) => actions.has(action)).join(',')}`)
    .join(' ');
}

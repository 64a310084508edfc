import type { EventRequest } from '../domain/events/registry-event.js';
import type { Principal } from '../domain/access/principal.js';
import type { Logger } from './ports/system/logger.js';

/** What a use case knows of the request it serves, passed as an argument. */
export interface RequestContext {
  readonly requestId: string;
  readonly principal: Principal;
  /** Aborted when the client leaves; made when it is first asked for. */
  readonly signal: AbortSignal;
  /** Bears the request's id and the name of who sent it; made when it is first asked for. */
  readonly logger: Logger;
  /** What events tell of it; made when it is first asked for. */
  readonly origin: RequestOrigin;
}

/** Where a request came from and where it went. */
export interface RequestOrigin {
  readonly request: EventRequest;
  /** The name of a Basic login, whether anybody has verified it or not; undefined without one. */
  readonly claimedUser: string | undefined;
  /** What a client would put before `/v2/` to ask again: `https://registry.example.com`. */
  readonly base: string;
}

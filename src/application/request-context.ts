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
}

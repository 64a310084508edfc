import type { Logger } from './ports/system/logger.js';

/** What a use case knows of the request it serves, passed as an argument. */
export interface RequestContext {
  readonly requestId: string;
  /** Aborted when the client leaves; made when it is first asked for. */
  readonly signal: AbortSignal;
  /** Bears the request's id; made when it is first asked for. */
  readonly logger: Logger;
}

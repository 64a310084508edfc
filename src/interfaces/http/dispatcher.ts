import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticator } from '../../application/ports/security/authenticator.js';
import type { ReadOnlyMode } from '../../application/services/read-only-mode.js';
import type { TreeComparison } from '../../application/services/tree-comparison.js';
import type { HealthStatus } from '../../application/ports/system/health-status.js';
import type { Logger } from '../../application/ports/system/logger.js';
import { BodyCut } from '../../application/services/upload-body.js';
import { RegistryError, Unavailable } from '../../domain/errors.js';
import type { ClientAddresses } from './client-addresses.js';
import { Exchange } from './exchange.js';
import type { CommonHeaders } from './presenters/common-headers.js';
import type { Delegation } from './presenters/delegation.js';
import type { Locations } from './presenters/locations.js';
import { answerError } from './presenters/oci-error.js';
import type { RequestIds } from './request-ids.js';
import type { RequestRecorder } from './request-recorder.js';
import { MethodNotAllowed } from './routes/method-not-allowed.js';
import { parseTarget, type Endpoint, type Target } from './routes/parse-target.js';
import type { Route } from './routes/registry-routes.js';
import { wantedAccess } from './routes/wanted-access.js';

/**
 * Answers every request of the registry: finds the endpoint by its path, asks who sent it, runs its handler, turns what
 * that throws into an OCI error, and records what came of it. One function instead of a router's list of forty.
 */
export class Dispatcher {
  readonly #routes: Readonly<Record<Endpoint, Route>>;
  #headers: CommonHeaders;
  #locations: Locations;
  #clients: ClientAddresses;
  #delegation: Delegation | undefined;
  readonly #ids: RequestIds;
  readonly #recorder: RequestRecorder;
  readonly #health: HealthStatus;
  readonly #readOnly: ReadOnlyMode;
  readonly #comparison: TreeComparison;
  #authenticator: Authenticator | undefined;
  readonly #logger: Logger;

  constructor(parts: DispatcherParts) {
    this.#routes = parts.routes;
    this.#headers = parts.headers;
    this.#locations = parts.locations;
    this.#clients = parts.clients;
    this.#delegation = parts.delegation;
    this.#ids = parts.ids;
    this.#recorder = parts.recorder;
    this.#health = parts.health;
    this.#readOnly = parts.readOnly;
    this.#comparison = parts.comparison;
    this.#authenticator = parts.authenticator;
    this.#logger = parts.logger;
  }

  /** From the next request on. */
  use({ headers, locations, clients, delegation, authenticator }: DispatcherTerms): void {
    this.#headers = headers;
    this.#locations = locations;
    this.#clients = clients;
    this.#delegation = delegation;
    this.#authenticator = authenticator;
  }

  readonly handle = (req: IncomingMessage, res: ServerResponse): void => {
    const startedAt = performance.now();
    const requestId = this.#ids.of(req);
    const commonHeaders = this.#headers.for(req.headers.origin);
    const exchange = new Exchange({
      req,
      res,
      requestId,
      startedAt,
      commonHeaders,
      logger: this.#logger,
      locations: this.#locations,
      clients: this.#clients,
      delegation: this.#delegation,
    });
    void this.#serve(exchange);
  };

  async #serve(exchange: Exchange): Promise<void> {
    const path = this.#locations.pathOf(exchange.path);
    const target = path === undefined ? undefined : parseTarget(path);
    const route = target === undefined ? undefined : this.#routes[target.endpoint];
    const metric = route?.metric ?? 'other';
    this.#recorder.begin(metric);
    try {
      this.#assertHealthy();
      if (this.#authenticator !== undefined && needsCredentials(exchange.method, path, route)) {
        const wanted = wantedAccess(exchange.method, target, sourceOfMount(exchange, target));
        exchange.principal =
          this.#authenticator.recall(exchange.req.headers.authorization, wanted) ??
          (await this.#authenticator.authenticate(exchange.credentials(), wanted));
      }
      if (target === undefined || route === undefined) answerOutside(exchange);
      else await this.#run(exchange, target, route);
    } catch (error) {
      this.#fail(exchange, error);
    } finally {
      this.#recorder.end(exchange, metric);
    }
  }

  #assertHealthy(): void {
    if (this.#health.healthy) return;
    throw new Unavailable('the registry is not healthy; see /debug/health', 5);
  }

  /** Gives the handler's own promise: one of its own would cost memory for as long as a slow client reads. */
  #run(exchange: Exchange, target: Target, route: Route): Promise<void> {
    const { method } = exchange;
    const handler = route.handlers.get(method);
    const { reason } = this.#readOnly;
    if (handler !== undefined && (reason === undefined || isReading(method))) {
      // Only while the tree is compared with the database, at start.
      const compared = this.#comparison.before(target.name);
      return compared === undefined
        ? handler(exchange, target)
        : compared.then(() => handler(exchange, target));
    }
    const allow = reason === undefined ? route.methods : route.methods.filter(isReading);
    if (method !== 'OPTIONS') throw new MethodNotAllowed(method, allow, handler && reason);
    exchange.answer(204, ['Allow', allow.join(', '), ...this.#headers.preflight(allow)]);
    return Promise.resolve();
  }

  #fail(exchange: Exchange, error: unknown): void {
    const { res } = exchange;
    if (error instanceof BodyCut || res.destroyed) {
      exchange.status = 499;
      exchange.logger.debug('client left', { method: exchange.method, path: exchange.path, error });
      res.destroy();
    } else if (res.headersSent) {
      exchange.logger.error('answer broken off', { method: exchange.method, path: exchange.path, error });
      res.destroy();
    } else {
      answerError(exchange, error);
    }
  }
}

/**
 * Nobody learns without credentials which endpoints there are. A browser asks by OPTIONS before it sends any, so what
 * an endpoint knows is no secret.
 *
 * @param path below the prefix; undefined: outside of it
 */
function needsCredentials(method: string, path: string | undefined, route: Route | undefined): boolean {
  return route === undefined ? path?.startsWith('/v2/') === true : method !== 'OPTIONS';
}

/** Undefined: the request is no mount, or does not say from where. */
function sourceOfMount(exchange: Exchange, target: Target | undefined): string | undefined {
  if (exchange.method !== 'POST' || target?.endpoint !== 'uploads') return undefined;
  const { query } = exchange;
  return query.has('mount') ? (query.get('from') ?? undefined) : undefined;
}

/** The methods that change nothing (RFC 9110 9.2.1). */
function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** `/` says that the server lives; nothing else stands outside the protocol. */
function answerOutside(exchange: Exchange): void {
  if (exchange.path !== '/') {
    throw new RegistryError(
      'ENDPOINT_UNKNOWN',
      `the registry has no such endpoint; its protocol begins at ${exchange.locations.begin}`,
    );
  }
  exchange.answer(200, ['Cache-Control', 'no-cache']);
}

/** What a reload of the configuration may put others in the place of. */
export interface DispatcherTerms {
  readonly headers: CommonHeaders;
  readonly locations: Locations;
  readonly clients: ClientAddresses;
  /** Undefined: no proxy sends bytes from files. */
  readonly delegation: Delegation | undefined;
  /** Undefined: nobody has to sign in. */
  readonly authenticator: Authenticator | undefined;
}

export interface DispatcherParts extends DispatcherTerms {
  readonly routes: Readonly<Record<Endpoint, Route>>;
  readonly ids: RequestIds;
  readonly recorder: RequestRecorder;
  readonly health: HealthStatus;
  readonly readOnly: ReadOnlyMode;
  readonly comparison: TreeComparison;
  readonly logger: Logger;
}

import type { AccessLog } from '../../application/ports/system/access-log.js';
import type { HttpMetrics, RouteName } from '../../application/ports/system/http-metrics.js';
import type { Exchange } from './exchange.js';

/** Counts a request and writes its access line, by plain calls after the answer. */
export class RequestRecorder {
  readonly #metrics: HttpMetrics;
  readonly #log: AccessLog;

  constructor(metrics: HttpMetrics, log: AccessLog) {
    this.#metrics = metrics;
    this.#log = log;
  }

  begin(route: RouteName): void {
    this.#metrics.begin(route);
  }

  end(exchange: Exchange, route: RouteName): void {
    const { req, method, status, bytesSent, bytesReceived } = exchange;
    const durationMs = performance.now() - exchange.startedAt;
    this.#metrics.end(route, method, status, durationMs / 1000, bytesReceived, bytesSent);
    if (!this.#log.enabled) return;
    this.#log.record({
      requestId: exchange.requestId,
      method,
      path: exchange.path,
      status,
      bytes: bytesSent,
      durationMs,
      user: exchange.principal.name,
      client: exchange.client,
      userAgent: req.headers['user-agent'] ?? '',
    });
  }
}

import type { Registry } from 'prom-client';
import type { HttpMetrics, RouteName } from '../../application/ports/system/http-metrics.js';
import { OwnHistogram } from './own-histogram.js';
import { exposeOwn, type Sample } from './own-metric.js';

/** The reference registry's buckets: seconds, and bytes from 1 KiB to 2 GiB. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60];
const BYTES = Array.from({ length: 22 }, (_, power) => 1024 * 2 ** power);

/** Methods have labels of their own only if they are known: a client must not make labels. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']);

class RouteFigures {
  inFlight = 0;
  readonly requests = new Map<string, Map<number, number>>();
  readonly durations = new Map<string, OwnHistogram>();
  readonly received = new OwnHistogram(BYTES);
  readonly sent = new OwnHistogram(BYTES);
}

/** Counts of requests under the names by which the reference registry's dashboards know them. */
export class PrometheusHttpMetrics implements HttpMetrics {
  readonly #routes = new Map<RouteName, RouteFigures>();

  constructor(registry: Registry) {
    this.#exposeCounts(registry);
    this.#exposeHistograms(registry);
  }

  begin(route: RouteName): void {
    this.#figures(route).inFlight += 1;
  }

  end(
    route: RouteName,
    method: string,
    status: number,
    seconds: number,
    requestBytes: number,
    responseBytes: number,
  ): void {
    const figures = this.#figures(route);
    const label = METHODS.has(method) ? method.toLowerCase() : 'other';
    figures.inFlight -= 1;
    const codes = valueOf(figures.requests, label, () => new Map<number, number>());
    codes.set(status, (codes.get(status) ?? 0) + 1);
    valueOf(figures.durations, label, () => new OwnHistogram(SECONDS)).observe(seconds);
    figures.received.observe(requestBytes);
    figures.sent.observe(responseBytes);
  }

  #figures(route: RouteName): RouteFigures {
    return valueOf(this.#routes, route, () => new RouteFigures());
  }

  #exposeCounts(registry: Registry): void {
    const routes = this.#routes;
    exposeOwn(
      registry,
      { name: 'registry_http_in_flight_requests', help: 'Requests being answered', type: 'gauge' },
      function* (): Iterable<Sample> {
        for (const [handler, { inFlight }] of routes) yield { labels: { handler }, value: inFlight };
      },
    );
    exposeOwn(
      registry,
      { name: 'registry_http_requests_total', help: 'Requests answered', type: 'counter' },
      function* (): Iterable<Sample> {
        for (const [handler, { requests }] of routes)
          for (const [method, codes] of requests)
            for (const [code, value] of codes) yield { labels: { code, handler, method }, value };
      },
    );
  }

  #exposeHistograms(registry: Registry): void {
    const routes = this.#routes;
    const seconds = 'registry_http_request_duration_seconds';
    exposeOwn(
      registry,
      { name: seconds, help: 'Time until a request was answered', type: 'histogram' },
      function* (): Iterable<Sample> {
        for (const [handler, { durations }] of routes)
          for (const [method, histogram] of durations) yield* histogram.samples(seconds, { handler, method });
      },
    );
    for (const [name, help, part] of [
      ['registry_http_request_size_bytes', 'Announced size of request bodies', 'received'],
      ['registry_http_response_size_bytes', 'Size of response bodies', 'sent'],
    ] as const) {
      exposeOwn(registry, { name, help, type: 'histogram' }, function* (): Iterable<Sample> {
        for (const [handler, figures] of routes) yield* figures[part].samples(name, { handler });
      });
    }
  }
}

function valueOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

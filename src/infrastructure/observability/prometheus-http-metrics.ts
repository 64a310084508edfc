import type { Registry } from 'prom-client';
import type { HttpMetrics, RouteName } from '../../application/ports/system/http-metrics.js';
import { OwnHistogram } from './own-histogram.js';
import { exposeOwn, type Sample } from './own-metric.js';

/** The reference registry's buckets: seconds, and bytes from 1 KiB to 2 GiB. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60];
const BYTES = Array.from({ length: 22 }, (_, power) => 1024 * 2 ** power);

/** Methods have labels of their own only if they are known: a client must not make labels. */
const KNOWN_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const METHOD_INDEX: ReadonlyMap<string, number> = new Map(
  KNOWN_METHODS.map((method, index) => [method, index]),
);
const METHODS = [...KNOWN_METHODS.map((method) => method.toLowerCase()), 'other'];
const OTHER_METHOD = KNOWN_METHODS.length;
/** Every status is below this. */
const STATUSES = 600;

class RouteFigures {
  inFlight = 0;
  /** By method, and within it by status. */
  readonly requests = new Float64Array(METHODS.length * STATUSES);
  readonly durations = METHODS.map(() => new OwnHistogram(SECONDS));
  readonly received = new OwnHistogram(BYTES);
  readonly sent = new OwnHistogram(BYTES);

  count(method: number, status: number): void {
    const at = method * STATUSES + (status < STATUSES ? status : 0);
    this.requests[at] = (this.requests[at] ?? 0) + 1;
  }

  *requestSamples(handler: RouteName): Iterable<Sample> {
    for (const [at, value] of this.requests.entries()) {
      if (value === 0) continue;
      const method = METHODS[Math.floor(at / STATUSES)] ?? 'other';
      yield { labels: { code: String(at % STATUSES), handler, method }, value };
    }
  }
}

/** Counts of requests under the names by which the reference registry's dashboards know them. */
export class PrometheusHttpMetrics implements HttpMetrics {
  readonly #routes: Readonly<Record<RouteName, RouteFigures>> = {
    base: new RouteFigures(),
    manifest: new RouteFigures(),
    catalog: new RouteFigures(),
    tags: new RouteFigures(),
    blob: new RouteFigures(),
    blob_upload: new RouteFigures(),
    blob_upload_chunk: new RouteFigures(),
    referrers: new RouteFigures(),
    other: new RouteFigures(),
  };

  constructor(registry: Registry) {
    this.#exposeCounts(registry);
    this.#exposeDurations(registry);
    this.#exposeSizes(registry);
  }

  begin(route: RouteName): void {
    this.#routes[route].inFlight += 1;
  }

  end(
    route: RouteName,
    method: string,
    status: number,
    seconds: number,
    requestBytes: number,
    responseBytes: number,
  ): void {
    const figures = this.#routes[route];
    const index = METHOD_INDEX.get(method) ?? OTHER_METHOD;
    figures.inFlight -= 1;
    figures.count(index, status);
    figures.durations[index]?.observe(seconds);
    figures.received.observe(requestBytes);
    figures.sent.observe(responseBytes);
  }

  get #entries(): readonly (readonly [RouteName, RouteFigures])[] {
    return Object.entries(this.#routes) as [RouteName, RouteFigures][];
  }

  #exposeCounts(registry: Registry): void {
    exposeOwn(
      registry,
      { name: 'registry_http_in_flight_requests', help: 'Requests being answered', type: 'gauge' },
      () => this.#entries.map(([handler, { inFlight }]) => ({ labels: { handler }, value: inFlight })),
    );
    exposeOwn(
      registry,
      { name: 'registry_http_requests_total', help: 'Requests answered', type: 'counter' },
      () => this.#entries.flatMap(([handler, figures]) => [...figures.requestSamples(handler)]),
    );
  }

  #exposeDurations(registry: Registry): void {
    const name = 'registry_http_request_duration_seconds';
    exposeOwn(registry, { name, help: 'Time until a request was answered', type: 'histogram' }, () =>
      this.#entries.flatMap(([handler, { durations }]) =>
        durations.flatMap((histogram, index) => [
          ...histogram.samples(name, { handler, method: METHODS[index] ?? 'other' }),
        ]),
      ),
    );
  }

  #exposeSizes(registry: Registry): void {
    for (const [name, help, part] of [
      ['registry_http_request_size_bytes', 'Announced size of request bodies', 'received'],
      ['registry_http_response_size_bytes', 'Size of response bodies', 'sent'],
    ] as const) {
      exposeOwn(registry, { name, help, type: 'histogram' }, () =>
        this.#entries.flatMap(([handler, figures]) => [...figures[part].samples(name, { handler })]),
      );
    }
  }
}

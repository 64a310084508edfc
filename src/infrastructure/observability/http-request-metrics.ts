import { Counter, Gauge, type Registry } from 'prom-client';
import type { HttpMetrics, RouteName } from '../../application/ports/system/http-metrics.js';
import { BucketCounts } from './bucket-counts.js';
import { registerScrapedHistogram } from './scraped-histogram.js';

const ROUTE_INDEX: Readonly<Record<RouteName, number>> = {
  base: 0,
  manifest: 1,
  catalog: 2,
  tags: 3,
  blob: 4,
  blob_upload: 5,
  blob_upload_chunk: 6,
  referrers: 7,
  other: 8,
};
const ROUTES = Object.keys(ROUTE_INDEX) as readonly RouteName[];

const METHOD_INDEX = new Map(
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'].map((method, index) => [
    method,
    index,
  ]),
);
const METHODS = [...METHOD_INDEX.keys()].map((method) => method.toLowerCase());
const OTHER_METHOD = METHODS.length - 1;
/** One place for each status below this, for each route and method. */
const STATUSES = 600;

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60];
/** 1 KiB to 2 GiB. */
const BYTES = Array.from({ length: 22 }, (_, power) => 1024 * 2 ** power);

/** Counts of requests in plain numbers, shown under the reference registry's names when they are scraped. */
export class HttpRequestMetrics implements HttpMetrics {
  readonly #inFlight = new Float64Array(ROUTES.length);
  readonly #requests = new Float64Array(ROUTES.length * METHODS.length * STATUSES);
  readonly #seconds = new BucketCounts(SECONDS, ROUTES.length * METHODS.length);
  readonly #requestBytes = new BucketCounts(BYTES, ROUTES.length);
  readonly #responseBytes = new BucketCounts(BYTES, ROUTES.length);

  begin(route: RouteName): void {
    add(this.#inFlight, ROUTE_INDEX[route], 1);
  }

  end(
    route: RouteName,
    method: string,
    status: number,
    seconds: number,
    requestBytes: number,
    responseBytes: number,
  ): void {
    const handler = ROUTE_INDEX[route];
    const row = handler * METHODS.length + (METHOD_INDEX.get(method) ?? OTHER_METHOD);
    add(this.#inFlight, handler, -1);
    add(this.#requests, row * STATUSES + (status < STATUSES ? status : 0), 1);
    this.#seconds.observe(row, seconds);
    this.#requestBytes.observe(handler, requestBytes);
    this.#responseBytes.observe(handler, responseBytes);
  }

  /** Shows the counts in a registry. */
  register(registry: Registry): void {
    this.#registerInFlight(registry);
    this.#registerRequests(registry);
    const handlers = ROUTES.map((handler) => ({ handler }));
    registerScrapedHistogram(registry, {
      name: 'registry_http_request_duration_seconds',
      help: 'Seconds from the request to the end of its answer.',
      counts: this.#seconds,
      rows: handlers.flatMap(({ handler }) => METHODS.map((method) => ({ handler, method }))),
    });
    registerScrapedHistogram(registry, {
      name: 'registry_http_request_size_bytes',
      help: 'Bytes received of the bodies of requests.',
      counts: this.#requestBytes,
      rows: handlers,
    });
    registerScrapedHistogram(registry, {
      name: 'registry_http_response_size_bytes',
      help: 'Sent bytes of the bodies of answers.',
      counts: this.#responseBytes,
      rows: handlers,
    });
  }

  #registerInFlight(registry: Registry): void {
    const gauge = new Gauge({
      name: 'registry_http_in_flight_requests',
      help: 'Requests being answered.',
      labelNames: ['handler'],
      registers: [registry],
      collect: () => {
        ROUTES.forEach((handler, index) => gauge.set({ handler }, this.#inFlight[index] ?? 0));
      },
    });
  }

  #registerRequests(registry: Registry): void {
    const counter = new Counter({
      name: 'registry_http_requests_total',
      help: 'Requests answered.',
      labelNames: ['handler', 'code', 'method'],
      registers: [registry],
      collect: () => {
        counter.reset();
        this.#requests.forEach((count, index) => {
          if (count > 0) counter.inc(labelsOf(index), count);
        });
      },
    });
  }
}

function labelsOf(index: number): { handler: RouteName; code: string; method: string } {
  const row = Math.floor(index / STATUSES);
  return {
    handler: ROUTES[Math.floor(row / METHODS.length)] ?? 'other',
    code: String(index % STATUSES),
    method: METHODS[row % METHODS.length] ?? 'other',
  };
}

function add(numbers: Float64Array, index: number, amount: number): void {
  numbers[index] = (numbers[index] ?? 0) + amount;
}

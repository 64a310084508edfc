import type { FlatHeaders } from '../exchange.js';

const ORIGIN = 'access-control-allow-origin';

/** What a browser may read of an answer, when the configuration lets its page ask but does not list headers. */
const EXPOSED =
  'Docker-Content-Digest, Link, Location, Range, Content-Range, Accept-Ranges, OCI-Subject, OCI-Filters-Applied, ' +
  'OCI-Tag, Warning, WWW-Authenticate, Retry-After, ETag';

/**
 * The headers of every answer: `http.headers` of the configuration, and the version by which clients of Docker
 * Registry v2 know a registry. With an Access-Control-Allow-Origin among them, pages of those origins may use the
 * registry (CORS).
 */
export class CommonHeaders {
  readonly #fixed: FlatHeaders;
  readonly #origins: readonly string[];
  readonly #configured: ReadonlySet<string>;

  /** @param configured canonical name to values */
  constructor(configured: Readonly<Record<string, readonly string[]>>) {
    const entries = Object.entries(configured);
    this.#configured = new Set(entries.map(([name]) => name.toLowerCase()));
    this.#origins = entries.find(([name]) => name.toLowerCase() === ORIGIN)?.[1] ?? [];
    const exposed =
      this.#origins.length > 0 && !this.#configured.has('access-control-expose-headers')
        ? ['Access-Control-Expose-Headers', EXPOSED]
        : [];
    const others = entries.filter(([name]) => name.toLowerCase() !== ORIGIN);
    this.#fixed = [
      'Docker-Distribution-Api-Version',
      'registry/2.0',
      ...others.flatMap(([name, values]) => values.flatMap((value) => [name, value])),
      ...exposed,
    ];
  }

  /** Of one answer, to a request with this Origin header. */
  for(origin: string | undefined): FlatHeaders {
    if (this.#origins.length === 0) return this.#fixed;
    return [...this.#fixed, ...this.#allowOrigin(origin)];
  }

  /** What a preflight asks for beside them. */
  preflight(methods: readonly string[]): FlatHeaders {
    if (this.#origins.length === 0) return [];
    const missing = (name: string, value: string): string[] =>
      this.#configured.has(name.toLowerCase()) ? [] : [name, value];
    return [
      ...missing('Access-Control-Allow-Methods', methods.join(', ')),
      ...missing('Access-Control-Allow-Headers', 'Authorization, Accept, Content-Type, Content-Range, Range'),
      ...missing('Access-Control-Max-Age', '600'),
    ];
  }

  /** Browsers take one origin or `*`, so of several the one that asks is named. */
  #allowOrigin(origin: string | undefined): FlatHeaders {
    if (this.#origins.includes('*')) return ['Access-Control-Allow-Origin', '*'];
    if (origin === undefined || !this.#origins.includes(origin)) return ['Vary', 'Origin'];
    return ['Access-Control-Allow-Origin', origin, 'Vary', 'Origin'];
  }
}

import { request as plainRequest, type OutgoingHttpHeaders } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { HealthProbe } from '../../application/ports/system/health-probe.js';
import { connectionFault } from './connection-fault.js';
import { untilTimeout } from './until-timeout.js';

/** As many as Go's client follows. */
const MOST_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** They are meant for the host that was configured. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

export interface HttpTarget {
  readonly uri: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** The status that means health. */
  readonly statuscode: number;
  /** Milliseconds for the whole look, redirects included. */
  readonly timeout: number;
}

interface Head {
  readonly status: number;
  readonly location: string | undefined;
}

/** All is well when HEAD is answered with the right status, by a connection of its own. */
export class HttpProbe implements HealthProbe {
  readonly name: string;
  readonly #target: HttpTarget;

  constructor(name: string, target: HttpTarget) {
    this.name = name;
    this.#target = target;
  }

  async look(signal: AbortSignal): Promise<void> {
    await untilTimeout(this.#target.timeout, signal, (stop) => this.#ask(stop));
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { uri, statuscode } = this.#target;
    const first = new URL(uri);
    let url = first;
    for (let redirects = 0; ; redirects += 1) {
      const { status, location } = await head(url, this.#headersFor(url, first), signal);
      if (status === statuscode) return;
      if (location === undefined || !REDIRECTS.has(status)) {
        throw new Error(`the answer has status ${status} instead of ${statuscode}`);
      }
      if (redirects === MOST_REDIRECTS) throw new Error(`more than ${MOST_REDIRECTS} redirects`);
      url = follow(url, location);
    }
  }

  #headersFor(url: URL, first: URL): OutgoingHttpHeaders {
    const isSame = url.origin === first.origin;
    const sent = [...this.#target.headers].filter(([name]) => {
      const key = name.toLowerCase();
      return isSame || (key !== 'host' && !CREDENTIALS.has(key));
    });
    return Object.fromEntries(sent.map(([name, values]) => [name, [...values]]));
  }
}

/** @throws Error without the address, which may hold credentials of the other side */
function follow(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol !== 'http:' && to?.protocol !== 'https:') {
    throw new Error('the answer redirects to what is no address of http or https');
  }
  return to;
}

async function head(url: URL, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<Head> {
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    // Credentials in the address are sent as Authorization. No agent: the connection ends with the answer.
    const req = request(url, { method: 'HEAD', headers, agent: false, signal }, (res) => {
      resolve({ status: res.statusCode ?? 0, location: res.headers.location });
      res.destroy();
    });
    req.on('error', (error) => reject(connectionFault(error)));
    req.end();
  });
}

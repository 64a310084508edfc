import { request as plainRequest, type OutgoingHttpHeaders } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { HealthProbe } from '../../application/ports/system/health-probe.js';
import { connectionFault } from '../outgoing/connection-fault.js';
import { follow, headersTo, isRedirect, MOST_REDIRECTS } from '../outgoing/redirects.js';
import { untilTimeout } from '../outgoing/until-timeout.js';

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
      const { status, location } = await head(url, headersTo(url, first, this.#target.headers), signal);
      if (status === statuscode) return;
      if (location === undefined || !isRedirect(status)) {
        throw new Error(`the answer has status ${status} instead of ${statuscode}`);
      }
      if (redirects === MOST_REDIRECTS) throw new Error(`more than ${MOST_REDIRECTS} redirects`);
      url = follow(url, location);
    }
  }
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

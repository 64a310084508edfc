import type { IncomingMessage } from 'node:http';

const CLIENT_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** Ids of requests: the client's X-Request-Id, or a counter behind what is unique to this process. */
export class RequestIds {
  readonly #prefix: string;
  #count = 0;

  /** @param prefix unique to the process */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  of(req: IncomingMessage): string {
    const given = req.headers['x-request-id'];
    if (typeof given === 'string' && CLIENT_ID.test(given)) return given;
    this.#count += 1;
    return `${this.#prefix}-${this.#count}`;
  }
}

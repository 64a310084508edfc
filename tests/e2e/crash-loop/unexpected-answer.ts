import type { Answer } from '../../support/http-client.js';

/** The server answered, and not as it has to. A cut connection is not one of these. */
export class UnexpectedAnswer extends Error {
  constructor(method: string, path: string, { status, headers, body }: Answer) {
    super(`${method} ${path}: ${status} ${JSON.stringify(headers)} ${body.toString().slice(0, 500)}`);
  }
}

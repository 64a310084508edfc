import { Unsupported } from '../../../domain/errors.js';

/** The endpoint has no such method (405); the answer names those it has. */
export class MethodNotAllowed extends Unsupported {
  readonly allowed: readonly string[];

  constructor(method: string, allowed: readonly string[]) {
    super(`the endpoint does not know ${method}; it knows ${allowed.join(', ')}`);
    this.allowed = allowed;
  }
}

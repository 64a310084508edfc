import { Unsupported } from '../../../domain/errors.js';

/** The endpoint has no such method, or not now (405); the answer names those it has. */
export class MethodNotAllowed extends Unsupported {
  readonly allowed: readonly string[];

  /** @param reason why a method that it knows is refused; none for a method that it does not know */
  constructor(method: string, allowed: readonly string[], reason?: string) {
    super(reason ?? `the endpoint does not know ${method}; it knows ${allowed.join(', ')}`);
    this.allowed = allowed;
  }
}

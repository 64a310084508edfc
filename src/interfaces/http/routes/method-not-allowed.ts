import { Unsupported } from '../../../domain/errors.js';

/** The endpoint has no such method (405); the answer names those it has. */
export class MethodNotAllowed extends Unsupported {
  readonly allowed: readonly string[];

  /** @param message why, where it is not that the endpoint never has it */
  constructor(
    method: string,
    allowed: readonly string[],
    message = `the endpoint does not know ${method}; it knows ${allowed.join(', ')}`,
  ) {
    super(message);
    this.allowed = allowed;
  }
}

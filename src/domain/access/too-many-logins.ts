import { RegistryError } from '../errors.js';

/** So many logins of one address have failed that it has to wait before more are tried (429). */
export class TooManyLogins extends RegistryError {
  override readonly name = 'TooManyLogins';
  /** In seconds. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super('TOOMANYREQUESTS', 'too many logins from this address have failed; try again later');
    this.retryAfter = retryAfter;
  }
}

import { RegistryError } from '../errors.js';
import type { Access } from './access.js';

/** The caller has to sign in, or may not do this: the same answer whether what he asks for exists or not (401). */
export class Unauthorized extends RegistryError {
  override readonly name = 'Unauthorized';
  /** The value of `WWW-Authenticate` (RFC 9110 11.6.1). */
  readonly challenge: string;

  /** @param wanted what the request needs: the entries of the error's detail, as the reference registry shows them */
  constructor(message: string, challenge: string, wanted: readonly Access[]) {
    const detail = wanted.map(({ type, name, action }) => ({
      Type: type,
      Class: '',
      Name: name,
      Action: action,
    }));
    super('UNAUTHORIZED', message, detail);
    this.challenge = challenge;
  }
}

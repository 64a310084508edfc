import type { Authenticator } from '../application/ports/security/authenticator.js';
import { token } from './token.js';

/** Who may use the registry. */
export const SECURITY_TOKENS = {
  /** Undefined: nobody has to sign in. */
  authenticator: token<Authenticator | undefined>('Authenticator'),
} as const;

import type { Authenticator } from '../application/ports/security/authenticator.js';
import type { PasswordFile } from '../application/ports/security/password-file.js';
import type { Authenticators } from '../infrastructure/security/authenticators.js';
import type { LoginMetrics } from '../infrastructure/observability/login-metrics.js';
import type { HtpasswdCommand } from '../interfaces/cli/commands/htpasswd-group.js';
import type { PasswordInput } from '../interfaces/cli/input/password-input.js';
import { token } from './token.js';

/** Who may use the registry. */
export const SECURITY_TOKENS = {
  authenticators: token<Authenticators>('Authenticators'),
  /** Of the start. Undefined: nobody has to sign in. */
  authenticator: token<Authenticator | undefined>('Authenticator'),
  loginMetrics: token<LoginMetrics>('LoginMetrics'),
  passwordFile: token<PasswordFile>('PasswordFile'),
  passwordInput: token<PasswordInput>('PasswordInput'),
  htpasswdCommand: token<HtpasswdCommand>('HtpasswdCommand'),
} as const;

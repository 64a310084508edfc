import { ContainerModule } from 'inversify';
import type { Authenticator } from '../../application/ports/security/authenticator.js';
import type { Clock } from '../../application/ports/system/clock.js';
import { ConfigurationError } from '../../application/ports/system/configuration-reader.js';
import type { Logger } from '../../application/ports/system/logger.js';
import type { HtpasswdAuth } from '../../infrastructure/config/config.js';
import type { LoginMetrics } from '../../infrastructure/observability/login-metrics.js';
import { loadBcrypt } from '../../infrastructure/security/bcrypt.js';
import { FailedLogins } from '../../infrastructure/security/failed-logins.js';
import { HtpasswdAuthenticator } from '../../infrastructure/security/htpasswd/htpasswd-authenticator.js';
import { HtpasswdEditor } from '../../infrastructure/security/htpasswd/htpasswd-editor.js';
import { PasswordFileRefused } from '../../application/ports/security/password-file.js';
import { HtpasswdUsers } from '../../infrastructure/security/htpasswd/htpasswd-users.js';
import { TokenAuthenticator } from '../../infrastructure/security/token/token-authenticator.js';
import { PasswordChecks } from '../../infrastructure/security/password-checks.js';
import { RememberedLogins } from '../../infrastructure/security/remembered-logins.js';
import { TOKENS as T } from '../tokens.js';

/** Who may use the registry. A new way to sign in is a case here, a folder beside the others, and a section in the schema. */
export const securityModule = new ContainerModule(({ bind }) => {
  bind(T.passwordFile).toResolvedValue(() => new HtpasswdEditor(), []);
  bind(T.authenticator).toResolvedValue(
    async ({ auth }, clock, logger, metrics): Promise<Authenticator | undefined> => {
      switch (auth?.kind) {
        case undefined:
          return undefined;
        case 'htpasswd':
          return openHtpasswd(auth, clock, logger, metrics);
        case 'token':
          return new TokenAuthenticator(auth, clock, logger);
      }
    },
    [T.config, T.clock, T.logger, T.loginMetrics],
  );
});

async function openHtpasswd(
  { realm, path }: HtpasswdAuth,
  clock: Clock,
  logger: Logger,
  counts: LoginMetrics,
): Promise<Authenticator> {
  try {
    const users = await HtpasswdUsers.open(path, clock, logger);
    const { verify } = await loadBcrypt();
    return new HtpasswdAuthenticator({
      realm,
      users,
      remembered: new RememberedLogins(clock),
      checks: new PasswordChecks(verify),
      failed: new FailedLogins(clock),
      counts,
      logger,
    });
  } catch (error) {
    if (!(error instanceof PasswordFileRefused)) throw error;
    throw new ConfigurationError([`auth.htpasswd.path: ${error.message}`]);
  }
}

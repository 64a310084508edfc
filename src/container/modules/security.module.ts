import { ContainerModule } from 'inversify';
import type { Authenticator } from '../../application/ports/security/authenticator.js';
import type { Clock } from '../../application/ports/system/clock.js';
import type { Logger } from '../../application/ports/system/logger.js';
import type { Config } from '../../infrastructure/config/config.js';
import { TokenAuthenticator } from '../../infrastructure/security/token/token-authenticator.js';
import { TOKENS as T } from '../tokens.js';

export const securityModule = new ContainerModule(({ bind }) => {
  bind(T.authenticator).toResolvedValue(
    ({ auth }, clock, logger) => (auth === undefined ? undefined : makeAuthenticator(auth, clock, logger)),
    [T.config, T.clock, T.logger],
  );
});

/** A new way to sign in is a case here, a folder beside the other, and a section in the configuration's schema. */
function makeAuthenticator(auth: NonNullable<Config['auth']>, clock: Clock, logger: Logger): Authenticator {
  switch (auth.kind) {
    case 'token':
      return new TokenAuthenticator(auth, clock, logger);
  }
}

import { ContainerModule } from 'inversify';
import { Authenticators } from '../../infrastructure/security/authenticators.js';
import { TOKENS as T } from '../tokens.js';

/** Who may use the registry. */
export const securityModule = new ContainerModule(({ bind }) => {
  bind(T.authenticators).toResolvedValue(
    (clock, logger, counts) => new Authenticators(clock, logger, counts),
    [T.clock, T.logger, T.loginMetrics],
  );
  bind(T.authenticator).toResolvedValue(
    (authenticators, { auth }) => authenticators.open(auth),
    [T.authenticators, T.config],
  );
});

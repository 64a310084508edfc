import type { Authenticator } from '../../application/ports/security/authenticator.js';
import type { Clock } from '../../application/ports/system/clock.js';
import type { Logger } from '../../application/ports/system/logger.js';
import type { Config, HtpasswdAuth } from '../config/config.js';
import type { LoginMetrics } from '../observability/login-metrics.js';
import { loadBcrypt } from './bcrypt.js';
import { FailedLogins } from './failed-logins.js';
import { HtpasswdAuthenticator, type RightLogin } from './htpasswd/htpasswd-authenticator.js';
import { HtpasswdUsers } from './htpasswd/htpasswd-users.js';
import { namedByConfiguration } from './htpasswd/named-by-configuration.js';
import { PasswordChecks } from './password-checks.js';
import { RememberedLogins } from './remembered-logins.js';
import { TokenAuthenticator } from './token/token-authenticator.js';

/**
 * Makes what signs users in from `auth` of the configuration, at the start and at each reload. A new way to sign in is a
 * case here, a folder beside the others, and a section in the schema. Who has failed to sign in, and who has succeeded,
 * is remembered from one to the next.
 */
export class Authenticators {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #counts: LoginMetrics;
  readonly #failed: FailedLogins;
  readonly #remembered: RememberedLogins<RightLogin>;
  #checks: PasswordChecks | undefined;

  constructor(clock: Clock, logger: Logger, counts: LoginMetrics) {
    this.#clock = clock;
    this.#logger = logger;
    this.#counts = counts;
    this.#failed = new FailedLogins(clock);
    this.#remembered = new RememberedLogins(clock);
  }

  /**
   * Reads the files that it names.
   * @param before takes the place of this one, whose fetched keys are taken over when they come from the same address
   * @returns undefined: nobody has to sign in
   * @throws NamedFileRefused
   */
  async open(auth: Config['auth'], before?: Authenticator): Promise<Authenticator | undefined> {
    switch (auth?.kind) {
      case undefined:
        return undefined;
      case 'htpasswd':
        return this.#openHtpasswd(auth);
      case 'token': {
        const former = before instanceof TokenAuthenticator ? before : undefined;
        return new TokenAuthenticator(auth, this.#clock, this.#logger, former);
      }
    }
  }

  async #openHtpasswd({ realm, path }: HtpasswdAuth): Promise<Authenticator> {
    const users = await namedByConfiguration(HtpasswdUsers.open(path, this.#clock, this.#logger));
    const { verify } = await loadBcrypt();
    this.#checks ??= new PasswordChecks(verify);
    return new HtpasswdAuthenticator({
      realm,
      users,
      remembered: this.#remembered,
      checks: this.#checks,
      failed: this.#failed,
      counts: this.#counts,
      logger: this.#logger,
    });
  }
}

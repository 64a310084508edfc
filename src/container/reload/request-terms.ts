import type { Authenticator } from '../../application/ports/security/authenticator.js';
import type { Apply, Reloadable } from '../../application/ports/system/reloadable.js';
import type { Config } from '../../infrastructure/config/config.js';
import type { Authenticators } from '../../infrastructure/security/authenticators.js';
import { ClientAddresses } from '../../interfaces/http/client-addresses.js';
import type { Dispatcher, DispatcherTerms } from '../../interfaces/http/dispatcher.js';
import { CommonHeaders } from '../../interfaces/http/presenters/common-headers.js';
import { Delegation } from '../../interfaces/http/presenters/delegation.js';
import { Locations } from '../../interfaces/http/presenters/locations.js';

/** Below `http`, what requests are answered by. */
export function httpTerms({ http }: Config): Omit<DispatcherTerms, 'authenticator'> {
  const clients = new ClientAddresses(http.trustedproxies);
  return {
    headers: new CommonHeaders(http.headers),
    locations: new Locations(http),
    clients,
    delegation: http.sendfile && new Delegation(http.sendfile, clients),
  };
}

/** Lets the dispatcher answer by another configuration: who may, from where, and with which headers. */
export class RequestTerms implements Reloadable<Config> {
  readonly #dispatcher: Dispatcher;
  readonly #authenticators: Authenticators;
  #authenticator: Authenticator | undefined;

  constructor(
    dispatcher: Dispatcher,
    authenticators: Authenticators,
    authenticator: Authenticator | undefined,
  ) {
    this.#dispatcher = dispatcher;
    this.#authenticators = authenticators;
    this.#authenticator = authenticator;
  }

  /** @throws NamedFileRefused */
  async prepare(config: Config): Promise<Apply> {
    const authenticator = await this.#authenticators.open(config.auth, this.#authenticator);
    const terms: DispatcherTerms = { ...httpTerms(config), authenticator };
    return () => {
      this.#authenticator = authenticator;
      this.#dispatcher.use(terms);
    };
  }
}

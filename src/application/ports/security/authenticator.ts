import type { Access } from '../../../domain/access/access.js';
import type { Principal } from '../../../domain/access/principal.js';

/** What a request shows of who sent it. */
export interface Credentials {
  /** The header `Authorization` as it was sent; undefined: none. */
  readonly authorization: string | undefined;
  /** The address of the connection. */
  readonly address: string;
  /** `Host` and `X-Forwarded-Proto` as they were sent, for a challenge that names the registry itself. */
  readonly host: string | undefined;
  readonly forwardedProto: string | undefined;
}

/** Tells who sent a request. One of them is in force, or none: then everybody may do everything. */
export interface Authenticator {
  /**
   * Whoever `authenticate` would name, where that is known at once: nearly every request shows what an earlier one has
   * shown, and to wait for a promise would cost it more than this.
   * @param authorization as in `Credentials`
   * @returns undefined: that says nothing yet, `authenticate` decides
   */
  recall(authorization: string | undefined, wanted: readonly Access[]): Principal | undefined;

  /**
   * Whoever may do all that is wanted and not optional; with nothing wanted, whoever has valid credentials.
   * @throws Unauthorized with the challenge that leads to what is missing; an ordinary Error when it can not be told
   */
  authenticate(credentials: Credentials, wanted: readonly Access[]): Promise<Principal>;
}

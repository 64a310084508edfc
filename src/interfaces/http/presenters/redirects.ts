/** Which clients are sent to the storage for the bytes of a blob, where it has addresses for them. */
export class Redirects {
  readonly #disabled: boolean;
  readonly #except: readonly string[];

  /** @param except beginnings of user agents that get the bytes here, since they can not follow; letter case does not count */
  constructor(disabled: boolean, except: readonly string[]) {
    this.#disabled = disabled;
    this.#except = except.map((beginning) => beginning.toLowerCase());
  }

  /** @param userAgent of the request */
  apply(userAgent: string | undefined): boolean {
    if (this.#disabled) return false;
    const agent = (userAgent ?? '').toLowerCase();
    return !this.#except.some((beginning) => agent.startsWith(beginning));
  }
}

/** The keys of `storage.redirect`. */
export interface RedirectRules {
  readonly disable: boolean;
  /** Beginnings of user agents that get the bytes here, since they can not follow; letter case does not count. */
  readonly except: readonly string[];
}

/** Which clients are sent to the storage for the bytes of a blob, where it has addresses for them. */
export class Redirects {
  #disabled = false;
  #except: readonly string[] = [];

  constructor(rules: RedirectRules) {
    this.use(rules);
  }

  /** From now on. */
  use({ disable, except }: RedirectRules): void {
    this.#disabled = disable;
    this.#except = except.map((beginning) => beginning.toLowerCase());
  }

  /** @param userAgent of the request */
  apply(userAgent: string | undefined): boolean {
    if (this.#disabled) return false;
    const agent = (userAgent ?? '').toLowerCase();
    return !this.#except.some((beginning) => agent.startsWith(beginning));
  }
}

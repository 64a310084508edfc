/**
 * Whether this registry refuses to change anything, and why. What cannot write says so here while the registry starts;
 * the interfaces ask before each change.
 */
export class ReadOnlyMode {
  #lasting: string | undefined;
  #reason: string | undefined;

  /** A sentence without its full stop that the client is told; undefined while changes are taken. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** From here on changes are refused, until this process ends. The first reason stands. */
  enter(reason: string): void {
    this.#lasting ??= reason;
    this.#reason = this.#lasting;
  }

  /** Changes are refused for as long as the configuration says so. @param reason undefined: it does not */
  configure(reason: string | undefined): void {
    this.#reason = this.#lasting ?? reason;
  }
}

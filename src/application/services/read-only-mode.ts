/**
 * Whether this registry refuses to change anything, and why. What cannot write says so here while the registry starts;
 * the interfaces ask before each change.
 */
export class ReadOnlyMode {
  #reason: string | undefined;

  /** A sentence without its full stop that the client is told; undefined while changes are taken. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** From here on changes are refused. The first reason stands. */
  enter(reason: string): void {
    this.#reason ??= reason;
  }
}

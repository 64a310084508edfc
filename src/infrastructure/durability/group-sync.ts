/**
 * One sync that many callers share (group commit): one runs, at most one is queued, and whoever comes while one runs
 * waits for the queued one, because the running one may have begun before his write.
 *
 * A failed sync is final. The system reports a lost page once and forgets it, so a repeated sync succeeds over the
 * loss: everyone who waits, and everyone who comes later, gets the same error.
 */
export class GroupSync {
  readonly #sync: () => Promise<void>;
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Whether no sync runs and none is queued. */
  get idle(): boolean {
    return this.#running === undefined && this.#queued === undefined;
  }

  /** Resolves after a sync that began after this call. */
  run(): Promise<void> {
    if (this.#queued !== undefined) return this.#queued;
    const begin = () => this.#begin();
    this.#queued = (this.#running ?? callbacksEnd()).then(begin, begin);
    return this.#queued;
  }

  #begin(): Promise<void> {
    this.#queued = undefined;
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    this.#running = this.#execute();
    return this.#running;
  }

  async #execute(): Promise<void> {
    try {
      await this.#sync();
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#running = undefined;
    }
  }
}

/** Resolves when everything has run that can run now: whoever has written together shares the sync. */
function callbacksEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

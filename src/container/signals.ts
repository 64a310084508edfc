const STOPPED_AT_ONCE = 1;

/** Resolves with the first SIGTERM or SIGINT. A second one ends the process at once. */
export async function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(STOPPED_AT_ONCE);
      asked = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/**
 * Runs work that the first SIGTERM or SIGINT asks to stop, by the signal that it is given; a second one ends the process
 * at once.
 */
export async function withSignals<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(STOPPED_AT_ONCE);
    stop.abort(new Error(`stopped by ${name}`));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    return await work(stop.signal);
  } finally {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
  }
}

/**
 * SIGHUP asks for a reload, and never ends the registry: also not when the terminal that it was started in is closed. One
 * that comes while nobody takes them waits.
 */
export class Hangups {
  #listener: (() => void) | undefined;
  #waits = false;

  constructor() {
    process.on('SIGHUP', () => {
      if (this.#listener === undefined) this.#waits = true;
      else this.#listener();
    });
  }

  /** From now on each goes to this listener, and at once one that waits. */
  take(listener: () => void): void {
    this.#listener = listener;
    if (this.#waits) listener();
    this.#waits = false;
  }
}

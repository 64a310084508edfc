/**
 * Runs work that a signal can end, and ends it when it takes too long.
 * @param timeout milliseconds
 * @throws Error that tells the timeout; else what `work` throws
 */
export async function untilTimeout(
  timeout: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const end = (): void => stop.abort(new Error('the registry stops'));
  const timer = setTimeout(() => stop.abort(new Error(`no answer within ${timeout} ms`)), timeout);
  timer.unref();
  signal.addEventListener('abort', end);
  try {
    if (signal.aborted) end();
    stop.signal.throwIfAborted();
    await work(stop.signal);
  } catch (error) {
    // What ended it says more than how it came to its end.
    if (stop.signal.aborted) throw stop.signal.reason as Error;
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

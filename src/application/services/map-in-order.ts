/**
 * Works on several items at once and gives the results in the order of the items.
 * @param width how many are in flight; no further item is taken before one is asked for
 */
export async function* mapInOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
  signal: AbortSignal,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for await (const item of items) {
    signal.throwIfAborted();
    const result = work(item);
    // Whoever stops before its turn never hears of its failure.
    result.catch(() => undefined);
    running.push(result);
    if (running.length < width) continue;
    const first = running.shift();
    if (first !== undefined) yield await first;
  }
  for (const result of running) {
    signal.throwIfAborted();
    yield await result;
  }
}

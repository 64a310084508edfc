/**
 * Works on several items at once and gives the results in the order of the items.
 * When it ends, also before all items are done, nothing is in flight any more.
 * @param width how many are in flight; no further item is taken before one is asked for
 */
export async function* mapInOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
  signal: AbortSignal,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      signal.throwIfAborted();
      const result = work(item);
      // Until its turn comes nobody hears of its failure.
      result.catch(() => undefined);
      running.push(result);
      if (running.length >= width) yield await first(running);
    }
    while (running.length > 0) {
      signal.throwIfAborted();
      yield await first(running);
    }
  } finally {
    await Promise.allSettled(running);
  }
}

function first<R>(running: Promise<R>[]): Promise<R> {
  const result = running.shift();
  if (result === undefined) throw new Error('nothing is in flight');
  return result;
}

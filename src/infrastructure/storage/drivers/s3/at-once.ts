/**
 * Works on all items, `width` of them at once, and gives the results in the order of the items. When it ends, also by a
 * failure, nothing is in flight any more.
 */
export async function atOnce<T, R>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const left = items.entries();
  let failure: { readonly error: unknown } | undefined;
  const takeTurns = async (): Promise<void> => {
    for (const [at, item] of left) {
      if (failure !== undefined) return;
      try {
        results.set(at, await work(item));
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, takeTurns));
  if (failure !== undefined) throw failure.error;
  return items.map((_item, at) => results.get(at) as R);
}

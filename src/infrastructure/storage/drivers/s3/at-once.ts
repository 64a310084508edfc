import { workAtOnce } from '../../../../application/services/work-at-once.js';

const NEVER = new AbortController().signal;

/** As workAtOnce; gives the results in the order of the items. */
export async function atOnce<T, R>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const keep = async ([at, item]: [number, T]): Promise<void> => void results.set(at, await work(item));
  await workAtOnce(items.entries(), width, keep, NEVER);
  return items.map((_item, at) => results.get(at) as R);
}

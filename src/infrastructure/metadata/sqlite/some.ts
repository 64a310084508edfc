import type { Some } from '../../../application/ports/metadata/content-holders.js';

/** @param read reads at least the first `most`, if there are as many */
export function some<T>(limit: number, read: (most: number) => readonly T[]): Some<T> {
  const found = read(limit + 1);
  return { items: found.slice(0, limit), more: found.length > limit };
}

/**
 * A time as the store tells it everywhere: some tell more in a list than of a single object, and two times of one object
 * must not differ.
 * @param time ms
 */
export function wholeSeconds(time: number): number {
  return Math.floor(time / 1000) * 1000;
}

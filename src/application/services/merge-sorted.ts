export interface MergedName {
  readonly name: string;
  /** Whether the first list has it; then the second. */
  readonly sides: readonly [boolean, boolean];
}

/** The names of two lists, each in byte order of ASCII, as one: a name that both have comes once. */
export async function* mergeSorted(
  one: AsyncIterable<string>,
  other: AsyncIterable<string>,
): AsyncGenerator<MergedName> {
  const left = one[Symbol.asyncIterator]();
  const right = other[Symbol.asyncIterator]();
  try {
    let [a, b] = await Promise.all([left.next(), right.next()]);
    while (a.done !== true || b.done !== true) {
      const takeLeft = b.done === true || (a.done !== true && a.value <= b.value);
      const takeRight = a.done === true || (b.done !== true && b.value <= a.value);
      yield { name: String(takeLeft ? a.value : b.value), sides: [takeLeft, takeRight] };
      if (takeLeft) a = await left.next();
      if (takeRight) b = await right.next();
    }
  } finally {
    await Promise.all([left.return?.(), right.return?.()]);
  }
}

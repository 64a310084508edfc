import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSorted } from '../../../src/application/services/merge-sorted.js';
import { collect } from '../../support/collect.js';

const names = fc.uniqueArray(fc.stringMatching(/^[a-c/.-]{1,3}$/)).map((list) => list.toSorted());

async function* listOf(
  items: readonly string[],
  onEnd: () => void = () => undefined,
): AsyncGenerator<string> {
  try {
    yield* items;
  } finally {
    onEnd();
  }
}

describe('mergeSorted', () => {
  it('gives each name once, in order, and who has it', async () => {
    await fc.assert(
      fc.asyncProperty(names, names, async (one, other) => {
        const merged = await collect(mergeSorted(listOf(one), listOf(other)));
        expect(merged.map(({ name }) => name)).toEqual([...new Set([...one, ...other])].toSorted());
        for (const { name, sides } of merged)
          expect(sides).toEqual([one.includes(name), other.includes(name)]);
      }),
    );
  });

  it('ends both lists when it is left early', async () => {
    const ended: string[] = [];
    const merged = mergeSorted(
      listOf(['a', 'b'], () => ended.push('one')),
      listOf(['a', 'c'], () => ended.push('other')),
    );
    for await (const { name } of merged) if (name === 'a') break;
    expect(ended.toSorted()).toEqual(['one', 'other']);
  });
});

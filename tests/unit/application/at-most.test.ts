import { describe, expect, it } from 'vitest';
import { AtMost } from '../../../src/application/services/at-most.js';

const turn = () => new Promise(setImmediate);

describe('AtMost', () => {
  it('runs no more calls at once than it has threads, in the order they came', async () => {
    const limit = new AtMost(3);
    const begun: number[] = [];
    let [running, most] = [0, 0];
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        limit.run(async () => {
          begun.push(index);
          running += 1;
          most = Math.max(most, running);
          await turn();
          running -= 1;
        }),
      ),
    );
    expect(most).toBe(3);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('gives back the thread of a call that fails', async () => {
    const limit = new AtMost(1);
    await expect(limit.run(() => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO');
    expect(await limit.run(async () => 'next')).toBe('next');
  });
});

import { describe, expect, it } from 'vitest';
import type { DuePage } from '../../../src/application/ports/metadata/reviews.js';
import { CollectionRun, type CollectionRequest } from '../../../src/application/services/collection-run.js';
import { GRACE, ManualClock } from '../../support/fakes.js';

const REQUEST: CollectionRequest = { grace: GRACE, requested: false, untagged: true, batch: 1, pause: 50 };

const begin = (stop = new AbortController()) => {
  const clock = new ManualClock();
  const listener = { manifestRemoved() {}, removed() {}, failed() {}, reviewed() {} };
  return { clock, stop, run: new CollectionRun(REQUEST, listener, stop.signal, GRACE, clock) };
};

describe('pages of a collection', () => {
  it('end with what was due when they began, however much becomes due meanwhile', async () => {
    const { clock, run } = begin();
    const began = clock.now();
    // One row becomes due in each millisecond.
    const read = async ({ dueUntil, after }: DuePage) => {
      const reviewAfter = after === undefined ? began - 2 : after[0] + 1;
      return reviewAfter <= dueUntil ? [{ cursor: [reviewAfter, 1, 1] as const }] : [];
    };
    const seen: number[] = [];
    for await (const page of run.pages('others', read)) {
      seen.push(...page.map(({ cursor }) => cursor[0] - began));
      if (seen.length > 10) break;
    }
    expect(seen).toEqual([-2, -1, 0]);
  });
});

describe('batches of a collection', () => {
  it('are done until nothing is left, with the pause of a batch behind each', async () => {
    const { clock, run } = begin();
    const began = clock.now();
    const left = [true, true, true, false, true];
    await run.batches(async () => left.shift() ?? false);
    expect(left).toEqual([true]);
    expect(clock.now() - began).toBe(3 * REQUEST.pause);
  });

  it('end when the run is stopped, or nothing more may be removed', async () => {
    const { stop, run } = begin();
    let batches = 0;
    await run.batches(async () => {
      batches += 1;
      if (batches === 2) stop.abort();
      return true;
    });
    expect(batches).toBe(2);
    const suspended = begin().run;
    suspended.suspend('another registry writes there');
    await suspended.batches(async () => {
      throw new Error('it went on');
    });
  });
});

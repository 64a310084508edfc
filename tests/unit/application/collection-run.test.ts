import { describe, expect, it } from 'vitest';
import { CollectionRun, type CollectionRequest } from '../../../src/application/services/collection-run.js';
import { GRACE, ManualClock } from '../../support/fakes.js';

const REQUEST: CollectionRequest = { grace: GRACE, requested: false, untagged: true, batch: 1, pause: 50 };

describe('batches of a collection', () => {
  const begin = (stop = new AbortController()) => {
    const clock = new ManualClock();
    const listener = { manifestRemoved() {}, removed() {}, failed() {}, reviewed() {} };
    return { clock, stop, run: new CollectionRun(REQUEST, listener, stop.signal, GRACE, clock) };
  };

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

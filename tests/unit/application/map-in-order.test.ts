import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapInOrder } from '../../../src/application/services/map-in-order.js';
import { collect } from '../../support/collect.js';

const NEVER = new AbortController().signal;

describe('work on several items at once', () => {
  it('gives results in the order of the items, whichever is done first', async () => {
    const work = async (ms: number): Promise<number> => {
      await sleep(ms);
      return ms;
    };
    expect(await collect(mapInOrder([9, 1, 5, 0], 3, work, NEVER))).toEqual([9, 1, 5, 0]);
  });

  it('has as many in flight as it may, and takes no item before it is asked for a result', async () => {
    let running = 0;
    let most = 0;
    const taken: number[] = [];
    function* items(): Iterable<number> {
      for (let at = 0; at < 20; at += 1) {
        taken.push(at);
        yield at;
      }
    }
    const work = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1);
      running -= 1;
    };
    const results = mapInOrder(items(), 4, work, NEVER);
    expect(taken).toEqual([]);
    await results.next();
    expect(taken.length).toBeLessThanOrEqual(5);
    for await (const _ of results);
    expect([most, running, taken.length]).toEqual([4, 0, 20]);
  });

  it.each(['fails', 'is left', 'is aborted'])('has nothing in flight any more when it %s', async (how) => {
    const stop = new AbortController();
    let running = 0;
    const work = async (at: number): Promise<number> => {
      running += 1;
      await sleep(5);
      running -= 1;
      if (how === 'fails' && at === 2) throw new Error('no');
      return at;
    };
    const walk = async (): Promise<void> => {
      for await (const at of mapInOrder([0, 1, 2, 3, 4, 5, 6, 7], 4, work, stop.signal)) {
        if (at === 1 && how === 'is left') return;
        if (at === 1 && how === 'is aborted') stop.abort(new Error('stop'));
      }
    };
    if (how === 'is left') await walk();
    else await expect(walk()).rejects.toThrow(how === 'fails' ? 'no' : 'stop');
    expect(running).toBe(0);
  });

  it('tells of a failure at its turn only', async () => {
    const work = async (at: number): Promise<number> => {
      if (at === 1) throw new Error('no');
      await sleep(5);
      return at;
    };
    const results = mapInOrder([0, 1, 2], 3, work, NEVER);
    expect((await results.next()).value).toBe(0);
    await expect(results.next()).rejects.toThrow('no');
  });
});

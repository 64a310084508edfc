import { describe, expect, it } from 'vitest';
import {
  RetryBudget,
  RetryPolicy,
} from '../../../../src/infrastructure/storage/drivers/s3/client/retry-policy.js';
import {
  ConnectionFailed,
  type ConnectionFault,
  StoreRefusal,
} from '../../../../src/infrastructure/storage/drivers/s3/client/store-errors.js';

const limits = { attempts: 5, patience: 60_000, firstPause: 100, longestPause: 1_000 };
const refusal = (status: number, code = '') =>
  new StoreRefusal({ status, code, message: '', region: undefined, now: undefined });
const failed = (fault: ConnectionFault) => new ConnectionFailed(fault, fault);

/** Runs something that fails with these errors and then succeeds. */
async function attempts(errors: readonly Error[], budget = new RetryBudget()) {
  const pauses: number[] = [];
  const policy = new RetryPolicy(limits, budget, async (pause) => {
    pauses.push(pause);
    return Promise.resolve();
  });
  const own: boolean[] = [];
  const left = [...errors];
  const outcome = await policy
    .run(async (_number, onOwnConnection) => {
      own.push(onOwnConnection);
      const error = left.shift();
      return error === undefined ? Promise.resolve('done') : Promise.reject(error);
    })
    .catch((error: unknown) => error);
  return { outcome, made: own.length, own, pauses };
}

describe('RetryPolicy', () => {
  it.each([
    ['500', refusal(500, 'InternalError')],
    ['502 of a proxy', refusal(502)],
    ['503', refusal(503, 'SlowDown')],
    ['429', refusal(429)],
    ['a request that came too slowly', refusal(400, 'RequestTimeout')],
    ['an error behind a success', refusal(200, 'InternalError')],
    ['a cut connection', failed('cut')],
    ['silence', failed('silent')],
    ['a store that is starting', failed('unreachable')],
    ['an answer of somebody else', failed('unclear')],
  ])('repeats after %s', async (_what, error) => {
    expect(await attempts([error, error])).toMatchObject({ outcome: 'done', made: 3 });
  });

  it.each([
    ['a refusal', refusal(403, 'AccessDenied')],
    ['what is not there', refusal(404, 'NoSuchKey')],
    ['what the store cannot do', refusal(501, 'NotImplemented')],
    ['an untrusted certificate', failed('untrusted')],
    ['a fault of the program', new TypeError('x')],
  ])('does not repeat after %s', async (_what, error) => {
    expect(await attempts([error])).toMatchObject({ outcome: error, made: 1 });
  });

  it('gives up after its last attempt, with its error', async () => {
    const errors = Array.from({ length: 9 }, (_, index) => refusal(500, String(index)));
    expect(await attempts(errors)).toMatchObject({ outcome: errors[4], made: 5 });
  });

  it('pauses anywhere below a bound that doubles up to a limit, and is larger for a store that is busy', async () => {
    const bounds = async (error: Error) => {
      const highest = [0, 0, 0, 0];
      for (let run = 0; run < 300; run += 1) {
        const { pauses } = await attempts([error, error, error, error]);
        for (const [index, pause] of pauses.entries()) highest[index] = Math.max(highest[index] ?? 0, pause);
      }
      return highest;
    };
    const plain = await bounds(refusal(500));
    for (const [index, bound] of [100, 200, 400, 800].entries()) {
      expect(plain[index]).toBeLessThanOrEqual(bound);
      expect(plain[index]).toBeGreaterThan(bound / 2);
    }
    const busy = await bounds(refusal(503, 'SlowDown'));
    expect(Math.max(...busy)).toBeLessThanOrEqual(1_000);
    expect(busy[0]).toBeGreaterThan(250);
  });

  it('repeats at once, on a connection of its own, where a kept one had been closed', async () => {
    const budget = new RetryBudget(() => 0);
    while (budget.take());
    const result = await attempts([failed('stale')], budget);
    expect(result).toMatchObject({ outcome: 'done', own: [false, true], pauses: [] });
  });
});

describe('RetryBudget', () => {
  it('lets an outage cost few repetitions, whoever asks', async () => {
    const budget = new RetryBudget(() => 0);
    let made = 0;
    for (let call = 0; call < 1_000; call += 1) {
      made += (
        await attempts(
          Array.from({ length: 9 }, () => refusal(500)),
          budget,
        )
      ).made;
    }
    expect(made).toBe(1_000 + 100);
  });

  it('is paid back by what succeeds, and by time', () => {
    let now = 0;
    const budget = new RetryBudget(() => now);
    while (budget.take());
    for (let call = 0; call < 5; call += 1) budget.succeeded(false);
    expect([budget.take(), budget.take()]).toEqual([true, false]);
    budget.succeeded(true);
    expect([budget.take(), budget.take()]).toEqual([true, false]);
    now += 1_000;
    expect([budget.take(), budget.take()]).toEqual([true, false]);
  });
});

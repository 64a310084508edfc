import { expect, it } from 'vitest';
import { whileCondemned } from '../../../src/application/services/while-condemned.js';
import { Unavailable } from '../../../src/domain/errors.js';
import { ManualClock } from '../../support/fakes.js';

it('a push looks again until the digest that is being removed is gone', async () => {
  const answers = ['condemned', 'condemned', 'condemned', 'reserved'];
  const clock = new ManualClock();
  const began = clock.now();
  const outcome = await whileCondemned(clock, async () => ({ kind: answers.shift()! }));
  expect(outcome).toEqual({ kind: 'reserved' });
  expect(clock.now() - began).toBe(20 + 40 + 80);
});

it('a push is refused for now when the digest is still being removed after 30 seconds', async () => {
  const clock = new ManualClock();
  const began = clock.now();
  await expect(whileCondemned(clock, async () => ({ kind: 'condemned' }))).rejects.toBeInstanceOf(
    Unavailable,
  );
  expect(clock.now() - began).toBeGreaterThanOrEqual(30_000);
});

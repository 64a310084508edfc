import { expect, it } from 'vitest';
import { whileCondemned } from '../../../src/application/services/while-condemned.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { Unavailable } from '../../../src/domain/errors.js';
import { ManualClock } from '../../support/fakes.js';

const DIGEST = Digest.of('sha256', Buffer.from('x'));
const removals = { finish: async (): Promise<void> => undefined };

it('a push looks again until the digest that is being removed is gone', async () => {
  const answers = ['condemned', 'condemned', 'condemned', 'reserved'];
  const clock = new ManualClock();
  const began = clock.now();
  const outcome = await whileCondemned(clock, removals, DIGEST, async () => ({ kind: answers.shift()! }));
  expect(outcome).toEqual({ kind: 'reserved' });
  expect(clock.now() - began).toBe(20 + 40 + 80);
});

it('a push is refused for now when the digest is still being removed after 30 seconds', async () => {
  const clock = new ManualClock();
  const began = clock.now();
  await expect(
    whileCondemned(clock, removals, DIGEST, async () => ({ kind: 'condemned' })),
  ).rejects.toBeInstanceOf(Unavailable);
  expect(clock.now() - began).toBeGreaterThanOrEqual(30_000);
});

it('a push goes on with the removal itself, after each wait', async () => {
  const finished: string[] = [];
  let isGone = false;
  const outcome = await whileCondemned(
    new ManualClock(),
    {
      finish: async (digest) => {
        finished.push(digest.toString());
        isGone = finished.length === 2;
      },
    },
    DIGEST,
    async () => ({ kind: isGone ? 'reserved' : 'condemned' }),
  );
  expect(outcome).toEqual({ kind: 'reserved' });
  expect(finished).toEqual([DIGEST.toString(), DIGEST.toString()]);
});

import { describe, expect, it } from 'vitest';
import { RestartDelay } from '../../../src/infrastructure/workers/restart-delay.js';

describe('the wait of the next worker', () => {
  it('is none after the first end, and doubles with each that follows at once, up to half a minute', () => {
    const delay = new RestartDelay();
    const waits = Array.from({ length: 12 }, () => delay.after(50));
    expect(waits.slice(0, 4)).toEqual([0, 100, 200, 400]);
    expect(waits.at(-1)).toBe(30_000);
  });

  it('is none again after a worker that was well', () => {
    const delay = new RestartDelay();
    for (let count = 0; count < 5; count += 1) delay.after(50);
    expect([delay.after(60_000), delay.after(50)]).toEqual([0, 100]);
  });
});

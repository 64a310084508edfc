import { describe, expect, it } from 'vitest';
import { TooManyLogins } from '../../../src/domain/access/too-many-logins.js';
import { FailedLogins } from '../../../src/infrastructure/security/failed-logins.js';

/** A clock whose sleepers wake when a test says so. */
class Sleepers {
  readonly slept: number[] = [];
  time = 1_800_000_000_000;
  #wake: (() => void)[] = [];

  now(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    await new Promise<void>((resolve) => {
      this.#wake.push(resolve);
    });
  }

  async wakeAll(): Promise<void> {
    for (const wake of this.#wake.splice(0)) wake();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const wrong = () => Promise.resolve(false);
const right = () => Promise.resolve(true);
const settled = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

async function fail(logins: FailedLogins, clock: Sleepers, address: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const tried = logins.tried(address, wrong);
    await settled();
    await clock.wakeAll();
    expect(await tried).toBe(false);
  }
}

describe('failed logins', () => {
  it('wait twice as long each time, up to a bound', async () => {
    const clock = new Sleepers();
    await fail(new FailedLogins(clock), clock, '10.0.0.1', 7);
    expect(clock.slept).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  it('of one address keep no other waiting, nor right passwords of the same', async () => {
    const clock = new Sleepers();
    const logins = new FailedLogins(clock);
    await fail(logins, clock, '10.0.0.1', 5);
    clock.slept.length = 0;
    expect(await logins.tried('10.0.0.1', right)).toBe(true);
    expect(clock.slept).toEqual([]);
    await fail(logins, clock, '10.0.0.2', 1);
    expect(clock.slept).toEqual([250]);
  });

  it('are not tried side by side without end', async () => {
    const clock = new Sleepers();
    const logins = new FailedLogins(clock);
    await fail(logins, clock, '10.0.0.1', 1);
    let looks = 0;
    const look = () => ((looks += 1), wrong());
    const all = Array.from({ length: 50 }, () => logins.tried('10.0.0.1', look));
    const outcomes = Promise.allSettled(all);
    await settled();
    await clock.wakeAll();
    const refused = (await outcomes).filter(({ status }) => status === 'rejected');
    expect(looks).toBe(16);
    expect(refused).toHaveLength(34);
    await expect(all.at(-1)).rejects.toBeInstanceOf(TooManyLogins);
    expect(await logins.tried('10.0.0.1', right)).toBe(true);
  });

  it('are forgotten after a while', async () => {
    const clock = new Sleepers();
    const logins = new FailedLogins(clock);
    await fail(logins, clock, '10.0.0.1', 5);
    clock.time += 15 * 60_000 + 1;
    clock.slept.length = 0;
    await fail(logins, clock, '10.0.0.1', 1);
    expect(clock.slept).toEqual([250]);
  });

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:ffff::1', true],
    ['2001:db8:1:2::6', '2001:db8:1:2::7', true],
    ['2001:db8::6', '2001:db8::7', true],
    ['2001:db8:1:2::6', '2001:db8:1:3::6', false],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
  ])('of %s and %s count together: %s', async (first, second, together) => {
    const clock = new Sleepers();
    const logins = new FailedLogins(clock);
    await fail(logins, clock, first, 1);
    await fail(logins, clock, second, 1);
    expect(clock.slept).toEqual([250, together ? 500 : 250]);
  });

  it('that could not be looked at are none', async () => {
    const clock = new Sleepers();
    const logins = new FailedLogins(clock);
    await expect(logins.tried('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await fail(logins, clock, 'a', 1);
    expect(clock.slept).toEqual([250]);
  });
});

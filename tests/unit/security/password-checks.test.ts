import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../../src/domain/errors.js';
import { PasswordChecks } from '../../../src/infrastructure/security/password-checks.js';

/** Verifies when a test says so. */
class SlowVerification {
  started = 0;
  readonly #waiting: ((isRight: boolean) => void)[] = [];

  readonly verify = async (): Promise<boolean> => {
    this.started += 1;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  };

  async finish(isRight: boolean): Promise<void> {
    this.#waiting.shift()?.(isRight);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const PASSWORD = Buffer.from('secret');

describe('password checks', () => {
  it('verify two at once, the others afterwards', async () => {
    const slow = new SlowVerification();
    const checks = new PasswordChecks(slow.verify);
    const all = ['a', 'b', 'c'].map((mark) => checks.check(mark, PASSWORD, 'hash'));
    expect(slow.started).toBe(2);
    await slow.finish(true);
    expect(slow.started).toBe(3);
    await slow.finish(false);
    await slow.finish(true);
    expect(await Promise.all(all)).toEqual([true, false, true]);
  });

  it('verify a login once that comes many times at once', async () => {
    const slow = new SlowVerification();
    const checks = new PasswordChecks(slow.verify);
    const all = Array.from({ length: 500 }, () => checks.check('same', PASSWORD, 'hash'));
    expect(slow.started).toBe(1);
    await slow.finish(true);
    expect(new Set(await Promise.all(all))).toEqual(new Set([true]));
    void checks.check('same', PASSWORD, 'hash');
    expect(slow.started).toBe(2);
  });

  it('put off what is too much, and take the next when there is room', async () => {
    const slow = new SlowVerification();
    const checks = new PasswordChecks(slow.verify);
    const all = Array.from({ length: 102 }, (_, index) => checks.check(String(index), PASSWORD, 'hash'));
    await expect(checks.check('one more', PASSWORD, 'hash')).rejects.toBeInstanceOf(Unavailable);
    await slow.finish(true);
    await all[0];
    void checks.check('one more', PASSWORD, 'hash');
  });

  it('go on after one that failed', async () => {
    const checks = new PasswordChecks((password) =>
      password === PASSWORD ? Promise.resolve(true) : Promise.reject(new Error('broken')),
    );
    const broken = ['a', 'b', 'c'].map((mark) => checks.check(mark, Buffer.from('x'), 'hash'));
    for (const { status } of await Promise.allSettled(broken)) expect(status).toBe('rejected');
    expect(await checks.check('a', PASSWORD, 'hash')).toBe(true);
  });
});

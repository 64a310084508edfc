import { AtMost } from '../../application/services/at-most.js';
import { Unavailable } from '../../domain/errors.js';

/** Whether a password fits a hash. Takes its time, and none of the event loop's. */
export type VerifyPassword = (password: Buffer, hash: string) => Promise<boolean>;

/** Each takes a core for as long as it lasts. */
const AT_ONCE = 2;
/** More would wait for longer than clients do. */
const WAITING = 100;
/** In seconds. */
const RETRY_AFTER = 2;

/** Verifies passwords, few at once; the same login that comes many times at once is verified once. */
export class PasswordChecks {
  readonly #verify: VerifyPassword;
  readonly #slots = new AtMost(AT_ONCE);
  readonly #running = new Map<string, Promise<boolean>>();

  constructor(verify: VerifyPassword) {
    this.#verify = verify;
  }

  /**
   * @param mark the same for the same user, hash and password alone
   * @throws Unavailable when too many wait already
   */
  async check(mark: string, password: Buffer, hash: string): Promise<boolean> {
    const running = this.#running.get(mark);
    if (running !== undefined) return running;
    if (this.#running.size >= AT_ONCE + WAITING) {
      throw new Unavailable('too many logins wait to be verified; try again', RETRY_AFTER);
    }
    const check = this.#slots.run(() => this.#verify(password, hash));
    this.#running.set(mark, check);
    try {
      return await check;
    } finally {
      this.#running.delete(mark);
    }
  }
}

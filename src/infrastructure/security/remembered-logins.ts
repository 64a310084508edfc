import { hash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../application/ports/system/clock.js';

/** How long (ms) a password counts without being verified again. */
const MEMORY = 10 * 60_000;
const LOGINS = 10_000;

/**
 * What came of logins that were verified a short time ago: verifying costs 50 ms of CPU and more, and clients send their
 * password with every request. No password is kept, but a digest of it under a key that ends with the process.
 */
export class RememberedLogins<T extends object> {
  /** 256 bits. */
  readonly #key = randomBytes(32).toString('hex');
  readonly #logins: LRUCache<string, T>;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#logins = new LRUCache({
      max: LOGINS,
      ttl: MEMORY,
      ttlResolution: 0,
      perf: { now: () => clock.now() },
    });
  }

  /**
   * What a header is known by. A digest behind a key is enough where nobody is shown one, and costs a fifth of an HMAC: this
   * is done for every request.
   */
  markOf(authorization: string): string {
    return hash('sha256', this.#key + authorization, 'base64');
  }

  /** What was remembered; not for longer than since it was verified. */
  find(mark: string): T | undefined {
    return this.#logins.get(mark);
  }

  remember(mark: string, login: T): void {
    this.#logins.set(mark, login);
  }
}

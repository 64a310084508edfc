import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../application/ports/system/clock.js';

/** How long (ms) a password counts without being verified again. */
const MEMORY = 10 * 60_000;
const LOGINS = 10_000;

/**
 * Logins that were verified a short time ago: verifying costs 50 ms of CPU and more, and clients send their password
 * with every request. What is kept is no password but a digest under a key that ends with the process.
 */
export class RememberedLogins {
  readonly #key = randomBytes(32);
  readonly #logins: LRUCache<string, true>;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#logins = new LRUCache({
      max: LOGINS,
      ttl: MEMORY,
      ttlResolution: 0,
      perf: { now: () => clock.now() },
    });
  }

  /**
   * What a login is known by.
   * @param hash of the user in the file: with another one it is another login
   */
  markOf(user: string, hash: string, password: Buffer): string {
    const name = Buffer.byteLength(user);
    return createHmac('sha256', this.#key).update(`${name}:${user}${hash}`).update(password).digest('base64');
  }

  /** Whether it was right; not for longer than since it was verified. */
  knows(mark: string): boolean {
    return this.#logins.get(mark) === true;
  }

  remember(mark: string): void {
    this.#logins.set(mark, true);
  }
}

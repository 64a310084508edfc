import { LRUCache } from 'lru-cache';
import type { Clock } from '../../application/ports/system/clock.js';
import { TooManyLogins } from '../../domain/access/too-many-logins.js';

/** How long (ms) the answer to the first failed login waits; each further one waits twice as long. */
const FIRST_DELAY = 250;
const LONGEST_DELAY = 4_000;
/** How long (ms) an address is known after its last failed login. */
const MEMORY = 15 * 60_000;
const ADDRESSES = 10_000;
/** Logins of an address that has failed before which may be looked at, or wait for their answer, at once. */
const AT_ONCE = 16;

interface Failing {
  failures: number;
  active: number;
}

/**
 * Slows down who guesses passwords: the answers to failed logins of one address wait longer and longer, and not many at
 * once. Logins that succeed wait for nothing, so those who share an address with a guesser (a proxy's) can work.
 */
export class FailedLogins {
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
  readonly #addresses: LRUCache<string, Failing>;

  constructor(clock: Pick<Clock, 'now' | 'sleep'>) {
    this.#clock = clock;
    this.#addresses = new LRUCache({
      max: ADDRESSES,
      ttl: MEMORY,
      ttlResolution: 0,
      perf: { now: () => clock.now() },
    });
  }

  /**
   * Looks at one login of an address. Resolves with what `look` says; when that is false, after the delay.
   * @throws TooManyLogins
   */
  async tried(address: string, look: () => Promise<boolean>): Promise<boolean> {
    const key = networkOf(address);
    const known = this.#addresses.get(key);
    const failing = known ?? { failures: 0, active: 0 };
    if (failing.failures > 0 && failing.active >= AT_ONCE) throw new TooManyLogins(LONGEST_DELAY / 1_000);
    if (known === undefined) this.#addresses.set(key, failing);
    failing.active += 1;
    try {
      if (await look()) return true;
      failing.failures += 1;
      // From now on it is known for another while.
      this.#addresses.set(key, failing);
      await this.#clock.sleep(Math.min(FIRST_DELAY * 2 ** (failing.failures - 1), LONGEST_DELAY));
      return false;
    } finally {
      failing.active -= 1;
      if (failing.failures + failing.active === 0) this.#addresses.delete(key);
    }
  }
}

/** Who has one address of IPv6 has the 2^64 beside it. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = ''] = address.split('::');
  const groups = head.split(':');
  return address.includes('::') && groups.length < 4 ? `${head}::` : groups.slice(0, 4).join(':');
}

import { hash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../application/ports/system/clock.js';

/** How long (ms) a password counts without being verified again. */
const MEMORY = 10 * 60_000;
const LOGINS = 10_000;
/** Bytes that SHA-256 works on at once. */
const BLOCK = 64;

/**
 * What came of logins that were verified a short time ago: verifying costs 50 ms of CPU and more, and clients send their
 * password with every request. No password is kept, but a digest of it under a key that ends with the process.
 */
export class RememberedLogins<T extends object> {
  readonly #inner: Buffer;
  readonly #outer: Buffer;
  readonly #logins: LRUCache<string, T>;

  constructor(clock: Pick<Clock, 'now'>) {
    const key = Buffer.concat([randomBytes(32)], BLOCK);
    this.#inner = key.map((byte) => byte ^ 0x36) as Buffer;
    this.#outer = key.map((byte) => byte ^ 0x5c) as Buffer;
    this.#logins = new LRUCache({
      max: LOGINS,
      ttl: MEMORY,
      ttlResolution: 0,
      perf: { now: () => clock.now() },
    });
  }

  /** What a header is known by: its HMAC (RFC 2104), by one-shot digests, which cost less than an Hmac object. */
  markOf(authorization: string): string {
    const digest = hash('sha256', Buffer.concat([this.#inner, Buffer.from(authorization)]), 'buffer');
    return hash('sha256', Buffer.concat([this.#outer, digest]), 'base64');
  }

  /** What was remembered; not for longer than since it was verified. */
  find(mark: string): T | undefined {
    return this.#logins.get(mark);
  }

  remember(mark: string, login: T): void {
    this.#logins.set(mark, login);
  }
}

import type { DeliveryRight } from '../../../application/ports/system/delivery-right.js';
import { acquireExclusive, type HeldLock, isHeld } from './lock-file.js';

/** The right belongs to whoever holds a lock on a file. */
export class SqliteDeliveryRight implements DeliveryRight {
  readonly #path: string;
  #lock: HeldLock | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  take(): boolean {
    if (this.#lock !== undefined) return true;
    // A look does not wait, as a lock that is held would let all requests do.
    if (isHeld(this.#path)) return false;
    this.#lock = acquireExclusive(this.#path);
    return this.#lock !== undefined;
  }

  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }
}

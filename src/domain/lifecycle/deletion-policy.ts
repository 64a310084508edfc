import { Unsupported } from '../errors.js';

/** Whether clients may delete: `storage.delete.enabled`. */
export class DeletionPolicy {
  readonly #enabled: boolean;

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** @throws Unsupported when deleting is switched off */
  assertAllowed(): void {
    if (!this.#enabled) {
      throw new Unsupported('deleting is switched off in this registry (storage.delete.enabled)');
    }
  }
}

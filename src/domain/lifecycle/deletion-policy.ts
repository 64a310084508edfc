import { Unsupported } from '../errors.js';

/** Whether clients may delete: `storage.delete.enabled`. */
export class DeletionPolicy {
  readonly #rules: { readonly enabled: boolean };

  /** @param rules read anew for each delete */
  constructor(rules: { readonly enabled: boolean }) {
    this.#rules = rules;
  }

  /** @throws Unsupported when deleting is switched off */
  assertAllowed(): void {
    if (!this.#rules.enabled) {
      throw new Unsupported('deleting is switched off in this registry (storage.delete.enabled)');
    }
  }
}

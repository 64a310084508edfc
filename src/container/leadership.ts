/** Whether this process does the background work that one does for all who answer on the same address. */
export class Leadership {
  #leads: boolean;

  constructor(leads: boolean) {
    this.#leads = leads;
  }

  get leads(): boolean {
    return this.#leads;
  }

  /** The one before has ended. */
  take(): void {
    this.#leads = true;
  }
}

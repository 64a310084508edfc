export interface BreakerTerms {
  /** Failures one after the other that are followed by the next attempt without a delay. */
  readonly threshold: number;
  /** Milliseconds from one attempt to the next from then on. */
  readonly backoff: number;
}

/** Counts failures that follow one another: when there are many, what fails is only tried from time to time. */
export class DeliveryBreaker {
  readonly #terms: BreakerTerms;
  #failures = 0;
  #retryAt = 0;

  constructor(terms: BreakerTerms) {
    this.#terms = terms;
  }

  /** Since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** When it may be tried again (ms of Unix time); undefined: at any time. */
  get retryAt(): number | undefined {
    return this.isOpen ? this.#retryAt : undefined;
  }

  get isOpen(): boolean {
    return this.#failures >= this.#terms.threshold;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(now: number): void {
    this.#failures += 1;
    this.#retryAt = now + this.#terms.backoff;
  }

  /** Lets the next attempt come at once. */
  beDue(): void {
    this.#retryAt = 0;
  }

  mayTry(now: number): boolean {
    return !this.isOpen || now >= this.#retryAt;
  }
}

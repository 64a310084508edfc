import { Counter, type Registry } from 'prom-client';

/** What came of a login that had to be looked at: `put_off` ones were not, because there were too many. */
export type LoginOutcome = 'accepted' | 'refused' | 'put_off';

/** Counts of logins in plain numbers, shown when they are scraped. */
export class LoginMetrics {
  readonly #counts: Record<LoginOutcome, number> = { accepted: 0, refused: 0, put_off: 0 };

  count(outcome: LoginOutcome): void {
    this.#counts[outcome] += 1;
  }

  /** Shows the counts in a registry. */
  register(registry: Registry): void {
    const counter = new Counter({
      name: 'stowage_logins_total',
      help: 'Logins whose password had to be verified.',
      labelNames: ['outcome'],
      registers: [registry],
      collect: () => {
        counter.reset();
        for (const [outcome, count] of Object.entries(this.#counts)) counter.inc({ outcome }, count);
      },
    });
  }
}

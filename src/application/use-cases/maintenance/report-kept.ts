import type { Grace } from '../../../domain/lifecycle/grace.js';
import type { Reviews, UnreadableRepository, YoungContent } from '../../ports/metadata/reviews.js';
import type { Clock } from '../../ports/system/clock.js';

/** Repositories that a report names. */
const NAMED = 20;

export interface KeptReport {
  readonly young: YoungContent;
  /** The first ones, and whether there are more. */
  readonly unreadable: readonly UnreadableRepository[];
  readonly moreUnreadable: boolean;
}

/** Says what a collection has kept although nothing needs it, or nobody can tell. */
export class ReportKept {
  readonly #reviews: Reviews;
  readonly #clock: Clock;
  readonly #grace: Grace;

  /** @param grace the configured one */
  constructor(reviews: Reviews, clock: Clock, grace: Grace) {
    this.#reviews = reviews;
    this.#clock = clock;
    this.#grace = grace;
  }

  /** @param shortened how much of the grace the collection has waited for */
  async execute(shortened: Grace): Promise<KeptReport> {
    const young = await this.#reviews.young(this.#grace.linksDueUntil(this.#clock.now(), shortened));
    const unreadable = await this.#reviews.unreadable(0, NAMED + 1);
    return {
      young,
      unreadable: unreadable.slice(0, NAMED),
      moreUnreadable: unreadable.length > NAMED,
    };
  }
}

/**
 * The review time of what only an explicit `gc` looks at: what was adopted from another registry and has not changed
 * since, and what is kept because something beside it can not be read. Later than every time.
 */
export const ON_REQUEST = Number.MAX_SAFE_INTEGER;

/**
 * How long content is kept that nothing references, counted from the moment at which nothing references it any more.
 * All times are milliseconds of Unix time.
 */
export class Grace {
  /** Milliseconds; 0 or more. */
  readonly duration: number;

  constructor(duration: number) {
    this.duration = duration;
  }

  /** When something is looked at that nothing references since `now`. */
  end(now: number): number {
    return now + this.duration;
  }

  /**
   * When a link is looked at that nothing references yet. Half a grace longer than promised, so that the HEAD which
   * follows a push needs no write.
   */
  linkReview(now: number): number {
    return now + Math.ceil(1.5 * this.duration);
  }

  /** Whether a client that is told now that the blob exists could find it gone within the grace. */
  needsRenewal(linkReview: number | undefined, now: number): boolean {
    return linkReview !== undefined && linkReview < this.end(now);
  }

  /**
   * Up to which review time things count as due at `now`, when no more than `shortened` of the grace is to be waited
   * for: all of it for the same grace, none for one of 0.
   */
  dueUntil(now: number, shortened: Grace): number {
    return now + Math.max(0, this.duration - shortened.duration);
  }

  /** The same for links. */
  linksDueUntil(now: number, shortened: Grace): number {
    return now + Math.max(0, this.linkReview(0) - shortened.linkReview(0));
  }
}

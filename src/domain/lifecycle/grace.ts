const HOUR = 3_600_000;

/** How long unreferenced content is kept, in milliseconds, counted from the moment nothing references it any more. */
export const GRACE = 24 * HOUR;

/**
 * When a link that nothing references yet is looked at again. Half a grace longer than promised, so that the HEAD
 * which follows a push needs no write.
 */
export function reviewAfterPush(now: number): number {
  return now + 1.5 * GRACE;
}

/** Whether a client that is told now that the blob exists could find it gone within the grace. */
export function needsRenewal(reviewAfter: number | undefined, now: number): boolean {
  return reviewAfter !== undefined && reviewAfter < now + GRACE;
}

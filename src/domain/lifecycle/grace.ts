/**
 * The review time of what only an explicit `gc` looks at: what was adopted from another registry and has not changed
 * since, and what is kept because something beside it can not be read. Later than every time.
 */
export const ON_REQUEST = Number.MAX_SAFE_INTEGER;

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

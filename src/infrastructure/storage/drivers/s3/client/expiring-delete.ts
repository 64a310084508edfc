import type { ExpiringOutcome } from '../object-store.js';
import type { Requester, StoreRequest } from './requester.js';
import { ConnectionFailed, StoreRefusal } from './store-errors.js';

/** Before now, so that no store finds the date of the signature ahead of its own clock. */
const BACK_DATED = 60;
const LONGEST = 604_800;
/** Answers behind which the store may have done it, or may yet. */
const UNSURE = new Set([408, 409, 423, 425, 429]);

/**
 * Removes an object by one request that the store refuses from `until` on. Throws the refusal when the store refused
 * before that.
 */
export async function deleteExpiring(
  requester: Requester,
  key: string,
  until: number,
): Promise<ExpiringOutcome> {
  const end = Math.floor(until / 1000);
  const now = Math.floor((Date.now() + requester.storeAhead) / 1000);
  const seconds = Math.min(LONGEST, Math.max(1, end - now) + BACK_DATED);
  const request: StoreRequest = { method: 'DELETE', key };
  const path = await requester.presigned(requester.endpoint, request, seconds, (end - seconds) * 1000);
  try {
    await requester.sendOnce('DELETE', path);
    return 'gone';
  } catch (error) {
    if (error instanceof ConnectionFailed) return 'unsure';
    if (!(error instanceof StoreRefusal)) throw error;
    return outcomeOf(error, end * 1000);
  }
}

function outcomeOf(refusal: StoreRefusal, end: number): ExpiringOutcome {
  const { status, code, message, now } = refusal;
  if (code === 'NoSuchKey') return 'gone';
  if (status < 400 || status >= 500 || UNSURE.has(status)) return 'unsure';
  const isExpired =
    code === 'RequestExpired' || /expired/i.test(message) || (now !== undefined && now >= end);
  // A missing right after the end is not told apart, and need not be: the object is as it was.
  if (isExpired) return 'expired';
  throw refusal;
}

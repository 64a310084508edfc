import type { Digest } from '../../domain/content/digest.js';
import { Unavailable } from '../../domain/errors.js';
import type { Clock } from '../ports/system/clock.js';

const FIRST_WAIT = 20;
const LONGEST_WAIT = 1_000;
const PATIENCE = 30_000;

/** Goes on with a removal whose worker has let its lease run out: ContentRemoval. */
export interface FinishesRemovals {
  finish(digest: Digest): Promise<void>;
}

/**
 * Repeats a look at a digest that collection is removing, until it is gone or stays; a push never takes it back. It goes
 * on with the removal itself when nobody else does.
 * @throws Unavailable after 30 s; the same request may then be sent again
 */
export async function whileCondemned<T extends { readonly kind: string }>(
  clock: Clock,
  removals: FinishesRemovals,
  digest: Digest,
  attempt: () => Promise<T>,
): Promise<Exclude<T, { readonly kind: 'condemned' }>> {
  const deadline = clock.now() + PATIENCE;
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    const outcome = await attempt();
    if (outcome.kind !== 'condemned') return outcome as Exclude<T, { readonly kind: 'condemned' }>;
    if (clock.now() >= deadline) {
      throw new Unavailable('content of this digest is just being removed; send the request again', 5);
    }
    await clock.sleep(wait);
    await removals.finish(digest);
  }
}

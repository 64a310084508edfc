import { setTimeout } from 'node:timers/promises';
import type { Container } from 'inversify';
import type { Shutdown } from './shutdown.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { withSignals } from './signals.js';
import { explainStorageError } from './start-errors.js';
import { TOKENS as T } from './tokens.js';

/** What was changed within the last second before a flush may have the time of the flush (ms). */
const SLACK = 1_000;
/** After a fault of storage or database it is tried again after so long (ms). */
const AGAIN = 30_000;

/**
 * Begins to take in what another program has changed in the tree since this database last flushed into it. Resolves
 * when the first request may be answered; the comparison goes on in the background.
 * @param onCompared is called when the whole tree is known
 */
export async function startComparison(
  container: Container,
  shutdown: Shutdown,
  onCompared: () => void,
): Promise<void> {
  // What can not be written can not be compared by the times of what was written.
  if (container.get(T.treeAccess).readOnly !== undefined) return;
  const since = await comparedSince(container);
  if (await isComparedByOthers(container, since)) {
    onCompared();
    return;
  }
  const comparison = await container.getAsync(T.treeComparison);
  const lost = await container.getAsync(T.findLostBlobs);
  const logger = container.get(T.logger);
  const stop = new AbortController();
  const until = (what: string, attempt: () => Promise<void>): Promise<void> =>
    untilDone(attempt, stop.signal, (error) =>
      logger.error(`${what} could not be compared with the database; it is tried again`, { error }),
    );
  const compare = async (): Promise<void> => {
    await Promise.all([
      until('names of the tree', () => comparison.run(since, stop.signal)),
      until('blobs of the tree', () => lost.execute(since, stop.signal)),
    ]);
    if (stop.signal.aborted) return;
    await noteCompared(container);
    onCompared();
    logger.info('tree was compared with the database', { since: new Date(since).toISOString() });
  };
  const running = compare();
  shutdown.add('tree comparison', async () => {
    stop.abort(new Error('the registry stops'));
    await running;
  });
}

/**
 * The same for a command that has to know the whole tree before it goes on.
 * @throws StartFailed when a signal comes, or when storage or database fail
 */
export async function compareTree(container: Container): Promise<void> {
  const since = await comparedSince(container);
  if (await isComparedByOthers(container, since)) return;
  const comparison = await container.getAsync(T.treeComparison);
  const lost = await container.getAsync(T.findLostBlobs);
  try {
    await withSignals(async (signal) => {
      try {
        await comparison.run(since, signal);
        await lost.execute(since, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new StartFailed('stopped before the folder was compared with the database.', { cause: error });
      }
    });
    await noteCompared(container);
  } catch (error) {
    throw explainStorageError(error);
  }
}

/**
 * Who runs has done so at its start, and no other program may have written since. If one has, it is for the start after
 * all have ended to take that in: the tree goes on saying so.
 */
async function isComparedByOthers(container: Container, since: number): Promise<boolean> {
  const instances = container.get(T.instances);
  if (!instances.othersComparedTree()) return false;
  if (since > 0) await noteCompared(container);
  else instances.noteComparedTree();
  return true;
}

async function noteCompared(container: Container): Promise<void> {
  await (await container.getAsync(T.treeOwnership)).noteCompared();
  container.get(T.instances).noteComparedTree();
}

async function comparedSince(container: Container): Promise<number> {
  const ownership = await container.getAsync(T.treeOwnership);
  const adoption = await container.getAsync(T.treeAdoption);
  const changes = container.get(T.treeChanges);
  const until = await ownership.comparedUntil();
  if (until === 'nothing') return 0;
  const known = until ?? (await adoption.progress())?.startedAt;
  // A clock that was set back proves nothing.
  if (known === undefined || known > (await changes.now())) return 0;
  return known - SLACK;
}

async function untilDone(
  attempt: () => Promise<void>,
  signal: AbortSignal,
  onFault: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (signal.aborted) return;
      onFault(error);
    }
    // That the wait was ended is seen by the loop.
    await Promise.allSettled([setTimeout(AGAIN, undefined, { signal, ref: false })]);
  }
}

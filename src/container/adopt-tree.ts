import type { Container } from 'inversify';
import { AdoptionOutput } from '../interfaces/cli/output/adoption-output.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { withSignals } from './signals.js';
import { explainStorageError } from './start-errors.js';
import { TOKENS as T } from './tokens.js';

/**
 * Before the first answer, and once in the life of a database: it takes over what the folder has. Costs one look when
 * it has done so.
 * @throws StartFailed when a signal comes; the next start then goes on where this one stood
 */
export async function adoptTree(container: Container): Promise<void> {
  const output = new AdoptionOutput(
    container.get(T.terminal),
    container.get(T.logger),
    container.get(T.clock),
  );
  try {
    const adopt = await container.getAsync(T.adoptTree);
    await withSignals(async (signal) => {
      try {
        const report = await adopt.execute(output, signal);
        if (report !== undefined) output.finish(report);
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new StartFailed(
          'stopped before everything that the folder has was taken over; the next start goes on from there.',
          { cause: error },
        );
      }
    });
  } catch (error) {
    throw explainStorageError(error);
  } finally {
    output.end();
  }
}

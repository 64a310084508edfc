import type { Container } from 'inversify';
import type { Shutdown } from './shutdown.js';
import { explainStorageError } from './start-errors.js';
import { TOKENS as T } from './tokens.js';

/** How long (ms) a stop waits for attempts that are under way. */
const LAST_ATTEMPTS = 1_000;

/**
 * Lets events be written and delivered from now on. Who may not write into the folder tells nobody anything: what was told
 * could not be remembered.
 * @throws StartFailed when the database fails
 */
export async function startNotifications(container: Container, shutdown: Shutdown): Promise<void> {
  const { notifications } = container.get(T.config);
  if (container.get(T.treeAccess).readOnly !== undefined) {
    if (notifications.endpoints.length > 0) {
      container.get(T.logger).warn('notifications are off: what is told could not be noted');
    }
    return;
  }
  const dispatch = await container.getAsync(T.eventDispatch);
  const pulls = await container.getAsync(T.pullEvents);
  shutdown.add('sending of events', () => container.get(T.sendingThread).close());
  shutdown.add('notifications', async () => {
    await pulls.flush();
    // The requests have had their time before; what is cut here is sent again after the next start.
    const { draintimeout } = container.get(T.configInForce).current.http;
    await dispatch.stop(Math.min(LAST_ATTEMPTS, draintimeout));
  });
  try {
    await dispatch.replaceSettings(notifications);
  } catch (error) {
    throw explainStorageError(error);
  }
}

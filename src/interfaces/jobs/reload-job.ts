import type { ReloadRequests } from '../../application/ports/system/reload-requests.js';
import type { ReloadConfiguration } from '../../application/use-cases/maintenance/reload-configuration.js';
import { alone, type Job } from './scheduled-jobs.js';

const ONE_SECOND = 1_000;

/** Reloads the configuration when another process asks for it. Those who ask at the same time share one reload. */
export function reloadJob(
  requests: ReloadRequests,
  reload: Pick<ReloadConfiguration<unknown>, 'execute'>,
): Job {
  return alone('reload on request', ONE_SECOND, async () => {
    const pending = requests.pending();
    if (pending.length === 0) return;
    const outcome = await reload.execute();
    for (const request of pending) requests.answer(request, outcome);
  });
}

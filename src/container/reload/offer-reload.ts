import type { Container } from 'inversify';
import type { ConfigurationSource } from '../../application/ports/system/configuration-source.js';
import { ReloadConfiguration } from '../../application/use-cases/maintenance/reload-configuration.js';
import type { Config } from '../../infrastructure/config/config.js';
import { ReloadFiles } from '../../infrastructure/system/reload-files.js';
import { reloadJob } from '../../interfaces/jobs/reload-job.js';
import { ScheduledJobs } from '../../interfaces/jobs/scheduled-jobs.js';
import type { Shutdown } from '../shutdown.js';
import type { Hangups } from '../signals.js';
import { instancesFolder } from '../storage-place.js';
import { TOKENS as T } from '../tokens.js';

/** From now on the registry reloads its configuration, by SIGHUP and when another process asks for it in the folder. */
export async function offerReload(
  container: Container,
  source: ConfigurationSource<Config>,
  hangups: Hangups,
  shutdown: Shutdown,
): Promise<void> {
  const logger = container.get(T.logger);
  const reload = new ReloadConfiguration(source, await container.getAsync(T.reloadables), logger);
  const jobs = new ScheduledJobs(reloadJobs(container, reload), container.get(T.clock), logger);
  jobs.start();
  hangups.take(() => {
    reload.execute().catch((error: unknown) => logger.error('reload failed', { error }));
  });
  shutdown.add('reload', async () => {
    hangups.take(() => logger.info('configuration is not reloaded: the registry stops'));
    await jobs.stop();
  });
}

/** Who can not write into the folder has no name there to be asked by. */
function reloadJobs(container: Container, reload: ReloadConfiguration<Config>) {
  const folder = instancesFolder(container.get(T.config));
  if (folder === undefined || container.get(T.treeAccess).readOnly !== undefined) return [];
  const files = new ReloadFiles(folder, container.get(T.instances).own);
  return [reloadJob(files, reload)];
}

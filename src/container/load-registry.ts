import type { Container, ContainerModule } from 'inversify';
import { adoptionModule } from './modules/adoption.module.js';
import { collectionModule } from './modules/collection.module.js';
import { comparisonModule } from './modules/comparison.module.js';
import { explanationModule } from './modules/explanation.module.js';
import { folderModule } from './modules/folder.module.js';
import { healthModule } from './modules/health.module.js';
import { httpModule } from './modules/http.module.js';
import { jobsModule } from './modules/jobs.module.js';
import { metadataModule } from './modules/metadata.module.js';
import { metricsModule } from './modules/metrics.module.js';
import { notificationsModule } from './modules/notifications.module.js';
import { observabilityModule } from './modules/observability.module.js';
import { orphansModule } from './modules/orphans.module.js';
import { reloadModule } from './modules/reload.module.js';
import { securityModule } from './modules/security.module.js';
import { storageModule } from './modules/storage.module.js';
import { tlsModule } from './modules/tls.module.js';
import { useCasesModule } from './modules/use-cases.module.js';
import { openCollection } from './open-collection.js';
import { openCopy } from './open-copy.js';
import { openExplanation } from './open-explanation.js';
import { openIndex } from './open-index.js';
import { openNotifications } from './open-notifications.js';
import { rebuildIndex } from './rebuild-index.js';
import { startRegistry } from './start.js';

/**
 * Gives the container of the program all that a registry consists of, once.
 * @returns what commands open it with
 * @param more modules that are loaded after ours and may bind anew what ours have bound
 */
export function loadRegistry(container: Container, ...more: readonly ContainerModule[]) {
  container.load(observabilityModule, folderModule, storageModule, metadataModule);
  container.load(comparisonModule, collectionModule, orphansModule, explanationModule);
  container.load(useCasesModule, adoptionModule, securityModule, healthModule, metricsModule);
  container.load(httpModule, tlsModule, notificationsModule, jobsModule, reloadModule, ...more);
  return {
    startRegistry,
    rebuildIndex,
    openCollection,
    openCopy,
    openExplanation,
    openIndex,
    openNotifications,
  } as const;
}

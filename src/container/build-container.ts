import { Container, type ContainerModule } from 'inversify';
import { adoptionModule } from './modules/adoption.module.js';
import { collectionModule } from './modules/collection.module.js';
import { cliModule } from './modules/cli.module.js';
import { explanationModule } from './modules/explanation.module.js';
import { folderModule } from './modules/folder.module.js';
import { comparisonModule } from './modules/comparison.module.js';
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
import { systemModule } from './modules/system.module.js';
import { tlsModule } from './modules/tls.module.js';
import { useCasesModule } from './modules/use-cases.module.js';
import { openCopy } from './open-copy.js';
import { openCollection } from './open-collection.js';
import { openExplanation } from './open-explanation.js';
import { openIndex } from './open-index.js';
import { openNotifications } from './open-notifications.js';
import { rebuildIndex } from './rebuild-index.js';
import { startRegistry } from './start.js';
import { TOKENS as T } from './tokens.js';

/**
 * The one container. Everything in it is a singleton; what belongs to a request is passed as an argument.
 * @param more modules that are loaded after ours and may bind anew what ours have bound
 */
export function buildContainer(...more: readonly ContainerModule[]): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container
    .bind(T.rebuildIndex)
    .toConstantValue((request, options) => rebuildIndex(container, request, options));
  container.bind(T.startRegistry).toConstantValue((...request) => startRegistry(container, ...request));
  container.load(cliModule, systemModule, observabilityModule, folderModule, storageModule, metadataModule);
  container.bind(T.openExplanation).toConstantValue((request) => openExplanation(container, request));
  container.bind(T.openIndex).toConstantValue((request) => openIndex(container, request));
  container.bind(T.openNotifications).toConstantValue((request) => openNotifications(container, request));
  container.bind(T.openCopy).toConstantValue((files) => openCopy(container, files));
  container
    .bind(T.openCollection)
    .toConstantValue((request, options) => openCollection(container, request, options));
  container.load(comparisonModule, collectionModule, orphansModule, explanationModule);
  container.load(useCasesModule, adoptionModule, securityModule, healthModule, metricsModule);
  container.load(httpModule, tlsModule, notificationsModule, jobsModule, reloadModule, ...more);
  return container;
}

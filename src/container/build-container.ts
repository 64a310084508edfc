import { Container, type ContainerModule } from 'inversify';
import { httpModule } from './modules/http.module.js';
import { metadataModule } from './modules/metadata.module.js';
import { storageModule } from './modules/storage.module.js';
import { systemModule } from './modules/system.module.js';
import { useCasesModule } from './modules/use-cases.module.js';

/**
 * The one container. Everything in it is a singleton; what belongs to a request is passed as an argument.
 * @param more modules that are loaded after ours
 */
export function buildContainer(...more: readonly ContainerModule[]): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container.load(systemModule, storageModule, metadataModule, useCasesModule, httpModule, ...more);
  return container;
}

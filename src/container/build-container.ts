import { Container, type ContainerModule } from 'inversify';
import { cliModule } from './modules/cli.module.js';
import { systemModule } from './modules/system.module.js';
import { TOKENS as T } from './tokens.js';

/**
 * The one container. Everything in it is a singleton; what belongs to a request is passed as an argument. It begins as
 * the command line; the registry is read, and loaded into it, by the first command that opens one.
 * @param more modules that are loaded with the registry, and may bind anew what it has bound
 */
export function buildContainer(...more: readonly ContainerModule[]): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container.load(cliModule, systemModule);
  const read = async () => {
    const { loadRegistry } = await import('./load-registry.js');
    return loadRegistry(container, ...more);
  };
  let reading: ReturnType<typeof read> | undefined;
  const registry = () => (reading ??= read());
  container
    .bind(T.startRegistry)
    .toConstantValue(async (...request) => (await registry()).startRegistry(container, ...request));
  container
    .bind(T.rebuildIndex)
    .toConstantValue(async (...request) => (await registry()).rebuildIndex(container, ...request));
  container
    .bind(T.openCollection)
    .toConstantValue(async (...request) => (await registry()).openCollection(container, ...request));
  container
    .bind(T.openExplanation)
    .toConstantValue(async (request) => (await registry()).openExplanation(container, request));
  container
    .bind(T.openIndex)
    .toConstantValue(async (request) => (await registry()).openIndex(container, request));
  container
    .bind(T.openNotifications)
    .toConstantValue(async (request) => (await registry()).openNotifications(container, request));
  container.bind(T.openCopy).toConstantValue(async (files) => (await registry()).openCopy(container, files));
  return container;
}

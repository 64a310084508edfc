import type { Container } from 'inversify';
import type { Config, ListenAddress, SocketPath } from '../infrastructure/config/config.js';
import { boundHeap } from '../infrastructure/system/bound-heap.js';
import type { LoadedConfig } from '../infrastructure/config/load-config.js';
import { adoptTree } from './adopt-tree.js';
import { startComparison } from './compare-tree.js';
import { enterFolder } from './enter-folder.js';
import { listenOn } from './listen-on.js';
import { claimTree, openStores, replayNames } from './open-stores.js';
import { SERVE } from './serve-command.js';
import type { Shutdown } from './shutdown.js';
import { startNotifications } from './start-notifications.js';
import { TOKENS as T } from './tokens.js';
import { assertOwnDatabase } from './trial.js';
import { describeStorage, urlOf } from './welcome.js';

interface ServingOptions {
  readonly isTrial: boolean;
  /** What else listens, once the stores are open. */
  readonly debugServer: (() => Promise<void>) | undefined;
  /** Called when the whole tree is known. */
  readonly onCompared: () => void;
}

/**
 * Everything from the folder to the first answer, in its order: storage and metadata, debug server, jobs, the registry
 * itself.
 * @returns where it listens
 * @throws StartFailed with one sentence
 */
export async function startServing(
  container: Container,
  shutdown: Shutdown,
  { isTrial, debugServer, onCompared }: ServingOptions,
): Promise<ListenAddress | SocketPath> {
  // Its thread begins while the folder is entered and the database opened.
  container.get(T.storageDriver);
  enterFolder(container, shutdown, SERVE, { takesIn: true });
  await openStores(container, shutdown);
  if (isTrial) await assertOwnDatabase(container);
  await debugServer?.();
  await claimTree(container, shutdown);
  if (container.get(T.treeAccess).readOnly === undefined) await replayNames(container, shutdown);
  await adoptTree(container);
  await startComparison(container, shutdown, onCompared);
  await startNotifications(container, shutdown);
  await startJobs(container, shutdown);
  const address = await startServer(container, container.get(T.config), shutdown);
  (await container.getAsync(T.readiness)).serve();
  boundHeap();
  return address;
}

async function startJobs(container: Container, shutdown: Shutdown): Promise<void> {
  const jobs = await container.getAsync(T.jobs);
  jobs.start();
  shutdown.add('jobs', () => jobs.stop());
}

async function startServer(
  container: Container,
  config: Config,
  shutdown: Shutdown,
): Promise<ListenAddress | SocketPath> {
  const server = await container.getAsync(T.httpServer);
  const place = await listenOn(server, config.http.addr, 'http.addr');
  const logger = container.get(T.logger);
  shutdown.add('registry', async () => {
    // As it is when the stop comes.
    const { draintimeout } = container.get(T.configInForce).current.http;
    const cut = await server.close(draintimeout);
    if (cut > 0) logger.warn('requests were cut at the end of the drain', { requests: cut });
  });
  return place;
}

/** The first lines of a registry that serves. */
export function tellOfStart(
  container: Container,
  { report, config }: Pick<LoadedConfig, 'report' | 'config'>,
  place: ListenAddress | SocketPath,
): void {
  const logger = container.get(T.logger);
  for (const warning of report.warnings) logger.warn(warning);
  for (const notice of report.notices) logger.info(notice);
  const { readOnly } = container.get(T.treeAccess);
  if (readOnly !== undefined) {
    logger.warn('the folder cannot be written: it is served read-only', { reason: readOnly.message });
  }
  const { kind, name } = container.get(T.databaseDisk);
  if (kind === 'memory') {
    logger.warn(`the metadata database lies on ${name}: nothing is kept when the machine stops`);
  } else if (kind === 'network') {
    logger.warn(`the metadata database lies on ${name}: no second process can use it, and it is slower`);
  }
  logger.info('registry is listening', {
    address: urlOf(config, place),
    storage: describeStorage(config),
    configuration: report.file ?? 'built in',
    version: container.get(T.version),
  });
}

/** Brings what runs to its end: everything that was started is stopped, in the opposite order. */
export async function stopServing(container: Container, shutdown: Shutdown): Promise<void> {
  (await container.getAsync(T.readiness)).stop();
  await shutdown.run();
}

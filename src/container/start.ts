import type { Container } from 'inversify';
import type { ConfigurationRequest } from '../application/ports/system/configuration-reader.js';
import type { Logger } from '../application/ports/system/logger.js';
import { keyOfName } from '../domain/repository/linked-name.js';
import type { Config, ListenAddress, SocketPath } from '../infrastructure/config/config.js';
import { loadConfig, type LoadedConfig } from '../infrastructure/config/load-config.js';
import { FileConfigurationSource } from '../infrastructure/config/file-configuration-source.js';
import { DatabaseRefused } from '../infrastructure/metadata/sqlite/database-refused.js';
import type { RunningRegistry, ServeOptions } from '../interfaces/cli/commands/serve.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { adoptTree } from './adopt-tree.js';
import { startComparison } from './compare-tree.js';
import { enterFolder } from './enter-folder.js';
import { listenOn } from './listen-on.js';
import { offerReload } from './reload/offer-reload.js';
import { openNamedFiles } from './open-named-files.js';
import { startNotifications } from './start-notifications.js';
import { explainStorageError } from './start-errors.js';
import { Shutdown } from './shutdown.js';
import { Hangups, untilSignal } from './signals.js';
import { nameOfPlace } from './storage-place.js';
import { assertOwnDatabase, enterTrial, prepareTrial } from './trial.js';
import { TOKENS as T } from './tokens.js';
import { SERVE } from './serve-command.js';
import { describeStorage, urlOf, welcome } from './welcome.js';

/** How long (ms) a stop waits for its last log lines. */
const LAST_LINES = 1_000;

/**
 * Starts the registry in its order: configuration, storage and metadata, debug server, jobs, the registry itself.
 * What was started is stopped again, in the opposite order, when a later step fails and when a signal comes.
 * @throws ConfigurationError; StartFailed with one sentence
 */
export async function startRegistry(
  container: Container,
  request: ConfigurationRequest,
  { trial: isTrial }: ServeOptions,
): Promise<RunningRegistry> {
  const hangups = new Hangups();
  const read = loadConfig(request, process.env, process.cwd());
  const trial = isTrial ? await prepareTrial(read.config, container.get(T.hashing)) : undefined;
  const loaded = { ...read, config: trial?.config ?? read.config };
  container.bind(T.config).toConstantValue(loaded.config);
  const shutdown = new Shutdown(container.get(T.logger));
  try {
    shutdown.add('log', () => container.get(T.logWriter).flush(LAST_LINES));
    await openNamedFiles(container, loaded.report);
    if (trial !== undefined) enterTrial(container, trial, shutdown);
    enterFolder(container, shutdown, SERVE, { takesIn: true });
    await openStores(container, shutdown);
    if (trial !== undefined) await assertOwnDatabase(container);
    await startDebugServer(container, loaded.config, shutdown);
    await claimTree(container, shutdown);
    if (container.get(T.treeAccess).readOnly === undefined) await replayNames(container, shutdown);
    await adoptTree(container);
    await startComparison(container, shutdown);
    await startNotifications(container, shutdown);
    await startJobs(container, shutdown);
    const address = await startServer(container, loaded.config, shutdown);
    (await container.getAsync(T.readiness)).serve();
    tell(container, loaded, address);
    const source = new FileConfigurationSource(request, process.env, process.cwd(), read);
    await offerReload(container, source, hangups, shutdown);
    const isReadOnly = container.get(T.treeAccess).readOnly !== undefined;
    return { lines: welcome(loaded.config, address, isReadOnly), stopped: untilStopped(container, shutdown) };
  } catch (error) {
    // What fails to stop is logged by it; why the start failed is what the user has to hear.
    await Promise.allSettled([shutdown.run()]);
    throw error;
  }
}

export async function openStores(container: Container, shutdown: Shutdown): Promise<void> {
  const driver = container.get(T.storageDriver);
  shutdown.add('storage', () => driver.close());
  shutdown.add('hashing', () => container.get(T.hashing).close());
  try {
    // A store that can not be reached tells best what is wrong with it when it is asked for nothing else.
    if (driver.name === 's3') await driver.probe();
    const database = await container.getAsync(T.database);
    shutdown.add('metadata', () => database.close());
    if (driver.name !== 's3') await driver.probe();
    const barrier = await container.getAsync(T.durabilityBarrier);
    shutdown.add('durability barrier', () => barrier.close());
    const checkpointer = await container.getAsync(T.checkpointer);
    shutdown.add('checkpointer', () => checkpointer?.close());
  } catch (error) {
    if (error instanceof DatabaseRefused) throw new StartFailed(error.message, { cause: error });
    throw explainStorageError(error);
  }
}

/** A tree in which nothing is belongs to this database from now on. */
export async function claimTree(container: Container, shutdown: Shutdown): Promise<void> {
  try {
    const ownership = await container.getAsync(T.treeOwnership);
    await refuseLostTree(container);
    if (!(await ownership.isClaimed())) await ownership.claimEmpty();
    shutdown.add('tree ownership', () => ownership.tell());
  } catch (error) {
    throw explainStorageError(error);
  }
}

/**
 * An empty folder under a database that knows images is a disk that is not mounted, an empty bucket another one: nothing
 * may be taken out for that.
 */
async function refuseLostTree(container: Container): Promise<void> {
  const config = container.get(T.config);
  const { kind } = config.storage.driver;
  if (kind === 'inmemory') return;
  const [known] = await (await container.getAsync(T.repositoryCatalog)).page({ after: undefined, limit: 1 });
  if (known === undefined || !(await container.get(T.treeOwner).isEmpty())) return;
  throw new StartFailed(
    `the metadata database knows repositories (${known} is the first), and ${nameOfPlace(config)} is empty; ` +
      `${kind === 's3' ? 'is the bucket or rootdirectory another one?' : 'is its disk mounted?'} ` +
      'To begin anew with it, use `stowage index rebuild`.',
  );
}

/** Finishes what a process before did not live to write, and at the end what this one has still to flush. */
export async function replayNames(container: Container, shutdown: Shutdown): Promise<void> {
  const names = await container.getAsync(T.namePublisher);
  const logger = container.get(T.logger);
  shutdown.add('link files', async () => {
    await names.flush();
    if (names.pending > 0) logger.warn('link files are left for the next start', { links: names.pending });
  });
  const replay = await container.getAsync(T.replayNames);
  const { written, changedElsewhere } = await replay.execute();
  if (written > 0) logger.info('link files of the last run were finished', { links: written });
  for (const name of changedElsewhere) {
    logger.warn('a name was changed by another program since the last run', { name: keyOfName(name) });
  }
}

async function startJobs(container: Container, shutdown: Shutdown): Promise<void> {
  const jobs = await container.getAsync(T.jobs);
  jobs.start();
  shutdown.add('jobs', () => jobs.stop());
}

async function startDebugServer(container: Container, config: Config, shutdown: Shutdown): Promise<void> {
  const { debug } = config.http;
  if (debug === undefined) return;
  const server = await container.getAsync(T.debugServer);
  await listenOn(server, debug.addr, 'http.debug.addr');
  shutdown.add('debug server', () => server.close(drainTimeout(container)));
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
    const cut = await server.close(drainTimeout(container));
    if (cut > 0) logger.warn('requests were cut at the end of the drain', { requests: cut });
  });
  return place;
}

/** As it is when the stop comes. */
function drainTimeout(container: Container): number {
  return container.get(T.configInForce).current.http.draintimeout;
}

function tell(
  container: Container,
  { report, config }: LoadedConfig,
  place: ListenAddress | SocketPath,
): void {
  const logger = container.get(T.logger);
  for (const warning of report.warnings) logger.warn(warning);
  for (const notice of report.notices) logger.info(notice);
  tellOfDisks(container, logger);
  logger.info('registry is listening', {
    address: urlOf(config, place),
    storage: describeStorage(config),
    configuration: report.file ?? 'built in',
    version: container.get(T.version),
  });
}

function tellOfDisks(container: Container, logger: Logger): void {
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
}

/** Runs until a signal; rejects when the stop itself fails. */
async function untilStopped(container: Container, shutdown: Shutdown): Promise<void> {
  const signal = await untilSignal();
  container.get(T.logger).info('stopping', { signal });
  (await container.getAsync(T.readiness)).stop();
  await shutdown.run();
}

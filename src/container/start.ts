import type { Container } from 'inversify';
import type { ConfigurationRequest } from '../application/ports/system/configuration-reader.js';
import type { Config } from '../infrastructure/config/config.js';
import { FileConfigurationSource } from '../infrastructure/config/file-configuration-source.js';
import { loadConfig, type LoadedConfig } from '../infrastructure/config/load-config.js';
import { PrimaryLink } from '../infrastructure/workers/primary-link.js';
import type { RunningRegistry, ServeOptions } from '../interfaces/cli/commands/serve.js';
import { freePlace, listenOn } from './listen-on.js';
import { openNamedFiles } from './open-named-files.js';
import { offerReload } from './reload/offer-reload.js';
import { Shutdown } from './shutdown.js';
import { Hangups, untilSignal } from './signals.js';
import { startServing, stopServing, tellOfStart } from './start-serving.js';
import { TOKENS as T } from './tokens.js';
import { enterTrial, prepareTrial } from './trial.js';
import { welcome } from './welcome.js';
import { serveAsWorker } from './workers/serve-as-worker.js';
import { serveWithWorkers } from './workers/serve-with-workers.js';
import { workersOf } from './workers/workers-of.js';

/**
 * Starts the registry: in this process, or in workers of it.
 * @throws ConfigurationError; StartFailed with one sentence
 */
export async function startRegistry(
  container: Container,
  request: ConfigurationRequest,
  options: ServeOptions,
): Promise<RunningRegistry> {
  const primary = PrimaryLink.find();
  if (primary !== undefined) return serveAsWorker(container, primary);
  const hangups = new Hangups();
  const loaded = loadConfig(request, process.env, process.cwd());
  const workers = workersOf(loaded.config, options);
  if (workers.count > 1) {
    return serveWithWorkers(container, request, loaded, { count: workers.count, hangups });
  }
  const registry = await serveAlone(container, request, loaded, { ...options, hangups });
  if (workers.alone !== undefined) {
    container.get(T.logger).warn(`http.workers has no effect: ${workers.alone}`);
  }
  return registry;
}

/**
 * What was started is stopped again, in the opposite order, when a later step fails and when a signal comes.
 * @throws ConfigurationError; StartFailed with one sentence
 */
async function serveAlone(
  container: Container,
  request: ConfigurationRequest,
  read: LoadedConfig,
  { trial: isTrial, hangups }: ServeOptions & { readonly hangups: Hangups },
): Promise<RunningRegistry> {
  const trial = isTrial ? await prepareTrial(read.config, container.get(T.hashing)) : undefined;
  const loaded = { ...read, config: trial?.config ?? read.config };
  const { config } = loaded;
  container.bind(T.config).toConstantValue(config);
  const shutdown = new Shutdown(container.get(T.logger));
  try {
    shutdown.add('log', () => container.get(T.logWriter).flush());
    await openNamedFiles(container, loaded.report);
    if (trial !== undefined) enterTrial(container, trial, shutdown);
    await freePlace(config.http.addr, 'http.addr');
    const address = await startServing(container, shutdown, {
      isTrial,
      debugServer: () => startDebugServer(container, config, shutdown),
      onCompared: () => undefined,
    });
    tellOfStart(container, loaded, address);
    const source = new FileConfigurationSource(request, process.env, process.cwd(), read);
    await offerReload(container, source, hangups, shutdown);
    const isReadOnly = container.get(T.treeAccess).readOnly !== undefined;
    return { lines: welcome(config, address, isReadOnly), stopped: untilStopped(container, shutdown) };
  } catch (error) {
    // What fails to stop is logged by it; why the start failed is what the user has to hear.
    await Promise.allSettled([shutdown.run()]);
    throw error;
  }
}

async function startDebugServer(container: Container, config: Config, shutdown: Shutdown): Promise<void> {
  const { debug } = config.http;
  if (debug === undefined) return;
  const server = await container.getAsync(T.debugServer);
  await listenOn(server, debug.addr, 'http.debug.addr');
  shutdown.add('debug server', () => server.close(container.get(T.configInForce).current.http.draintimeout));
}

/** Runs until a signal; rejects when the stop itself fails. */
async function untilStopped(container: Container, shutdown: Shutdown): Promise<void> {
  const signal = await untilSignal();
  container.get(T.logger).info('stopping', { signal });
  await stopServing(container, shutdown);
}

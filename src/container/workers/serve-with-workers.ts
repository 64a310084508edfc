import type { Container } from 'inversify';
import {
  ConfigurationError,
  type ConfigurationRequest,
} from '../../application/ports/system/configuration-reader.js';
import type { Logger } from '../../application/ports/system/logger.js';
import { ReloadConfiguration } from '../../application/use-cases/maintenance/reload-configuration.js';
import { FileConfigurationSource } from '../../infrastructure/config/file-configuration-source.js';
import type { LoadedConfig } from '../../infrastructure/config/load-config.js';
import { JoinedMetrics } from '../../infrastructure/observability/joined-metrics.js';
import { FirstWorkerFailed } from '../../infrastructure/workers/first-worker-failed.js';
import { type PrimaryDuties, WorkerProcesses } from '../../infrastructure/workers/worker-processes.js';
import type { RunningRegistry } from '../../interfaces/cli/commands/serve.js';
import { StartFailed } from '../../interfaces/cli/start-failed.js';
import { createDebugApp } from '../../interfaces/http/debug-app.js';
import { HttpServer } from '../../interfaces/http/server.js';
import { freePlace, listenOn } from '../listen-on.js';
import { Shutdown } from '../shutdown.js';
import { type Hangups, untilSignal } from '../signals.js';
import { TOKENS as T } from '../tokens.js';
import { WorkersState } from './workers-state.js';
import { WorkersTerms } from './workers-terms.js';

const FAILED = 1;

interface WorkersOptions {
  readonly count: number;
  readonly hangups: Hangups;
}

/**
 * Serves by several processes: this one reads the configuration, starts them, and speaks for them all to whoever sends a
 * signal, asks for metrics or reads the log. It opens neither storage nor database.
 * @throws ConfigurationError; StartFailed with one sentence
 */
export async function serveWithWorkers(
  container: Container,
  request: ConfigurationRequest,
  loaded: LoadedConfig,
  { count, hangups }: WorkersOptions,
): Promise<RunningRegistry> {
  const { config } = loaded;
  container.bind(T.config).toConstantValue(config);
  const logger = container.get(T.logger);
  const shutdown = new Shutdown(logger);
  const workers: WorkerProcesses = makeWorkers(container, count, loaded, () => reload());
  const source = new FileConfigurationSource(request, process.env, process.cwd(), loaded);
  const parts = [container.get(T.configInForce), container.get(T.logTerms), new WorkersTerms(workers)];
  const configuration = new ReloadConfiguration(source, parts, logger);
  const reload = async () => workers.whileNoneStarts(() => configuration.execute());
  const state = new WorkersState(workers);
  try {
    shutdown.add('log', () => container.get(T.logWriter).flush());
    await freePlace(config.http.addr, 'http.addr');
    await startDebugServer(container, workers, state, shutdown);
    const lines = await workers.start();
    hangups.take(() => {
      reload().catch((error: unknown) => logger.error('reload failed', { error }));
    });
    return { lines, stopped: untilStopped(logger, workers, state, shutdown) };
  } catch (error) {
    await Promise.allSettled([shutdown.run()]);
    throw error instanceof FirstWorkerFailed ? causeOf(error) : error;
  }
}

function makeWorkers(
  container: Container,
  count: number,
  { report }: LoadedConfig,
  reload: PrimaryDuties['reload'],
): WorkerProcesses {
  const log = container.get(T.logWriter);
  const inForce = container.get(T.configInForce);
  const duties: PrimaryDuties = {
    settings: () => ({ config: inForce.current, report }),
    log: (lines) => log.write(Buffer.from(lines).toString()),
    reload,
    fatal: () => void log.flush().finally(() => process.exit(FAILED)),
  };
  return new WorkerProcesses(count, duties, container.get(T.logger));
}

async function startDebugServer(
  container: Container,
  workers: WorkerProcesses,
  state: WorkersState,
  shutdown: Shutdown,
): Promise<void> {
  const { debug } = container.get(T.config).http;
  if (debug === undefined) return;
  const { enabled, path } = debug.prometheus;
  const exposition = new JoinedMetrics(workers, container.get(T.logWriter));
  const { app, classes } = createDebugApp({
    health: state,
    readiness: state,
    metrics: enabled ? { path, exposition } : undefined,
    logger: container.get(T.logger),
  });
  const server = new HttpServer(app, classes);
  await listenOn(server, debug.addr, 'http.debug.addr');
  shutdown.add('debug server', () => server.close(container.get(T.configInForce).current.http.draintimeout));
}

/** Runs until a signal; rejects when a worker did not stop in order. */
async function untilStopped(
  logger: Logger,
  workers: WorkerProcesses,
  state: WorkersState,
  shutdown: Shutdown,
): Promise<void> {
  const signal = await untilSignal();
  logger.info('stopping', { signal });
  state.stop();
  const disorderly = await workers.stop();
  await shutdown.run();
  if (disorderly > 0) throw new Error(`${disorderly} workers did not stop in order; the log says why`);
}

/** As if it had started in this process. */
function causeOf({ failure }: FirstWorkerFailed): Error {
  switch (failure.kind) {
    case 'configuration':
      return new ConfigurationError(failure.problems);
    case 'refused':
      return new StartFailed(failure.message);
    case 'fault':
      return new Error(failure.message);
  }
}

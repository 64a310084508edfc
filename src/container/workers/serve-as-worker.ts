import type { Container } from 'inversify';
import { ConfigurationError } from '../../application/ports/system/configuration-reader.js';
import { SqliteInstances } from '../../infrastructure/metadata/sqlite/sqlite-instances.js';
import type { LogSink } from '../../infrastructure/observability/log-sink.js';
import { ReloadFiles } from '../../infrastructure/system/reload-files.js';
import type { PrimaryLink } from '../../infrastructure/workers/primary-link.js';
import type { StartFailure, WorkerStart } from '../../infrastructure/workers/worker-messages.js';
import type { RunningRegistry } from '../../interfaces/cli/commands/serve.js';
import { StartFailed } from '../../interfaces/cli/start-failed.js';
import { reloadJob } from '../../interfaces/jobs/reload-job.js';
import { ScheduledJobs } from '../../interfaces/jobs/scheduled-jobs.js';
import { Leadership } from '../leadership.js';
import { onFatal } from '../on-fatal.js';
import { openNamedFiles } from '../open-named-files.js';
import { startCheckpointer } from '../open-stores.js';
import { Shutdown } from '../shutdown.js';
import { startServing, stopServing, tellOfStart } from '../start-serving.js';
import { instancesFolder } from '../storage-place.js';
import { TOKENS as T } from '../tokens.js';
import { welcome } from '../welcome.js';
import { WorkerReload } from './worker-reload.js';

const FAILED = 1;

/** Serves as one of several processes on one address, as the primary says. */
export async function serveAsWorker(container: Container, primary: PrimaryLink): Promise<RunningRegistry> {
  const start = await primary.start();
  enterWorker(container, primary, start);
  const shutdown = new Shutdown(container.get(T.logger));
  try {
    shutdown.add('log', () => container.get(T.logWriter).flush());
    await openNamedFiles(container, start.report);
    const address = await startServing(container, shutdown, {
      isTrial: false,
      debugServer: undefined,
      onCompared: () => void primary.send({ kind: 'compared' }),
    });
    if (start.isFirst) tellOfStart(container, start, address);
    await offerReload(container, primary, shutdown);
    const stopped = untilStopped(container, primary, shutdown);
    await primary.send({ kind: 'serving', lines: welcome(start.config, address, false) });
    return { lines: [], stopped };
  } catch (error) {
    await Promise.allSettled([shutdown.run()]);
    await primary.send({ kind: 'failed', failure: failureOf(error) });
    process.exit(FAILED);
  }
}

function enterWorker(container: Container, primary: PrimaryLink, { config, leads }: WorkerStart): void {
  container.bind(T.config).toConstantValue(config);
  container.rebind(T.leadership).toConstantValue(new Leadership(leads));
  container
    .rebind(T.sqliteInstances)
    .toResolvedValue(
      (inForce, clock) => new SqliteInstances(instancesFolder(inForce) ?? '', clock, process.ppid),
      [T.config, T.clock],
    );
  const sink: LogSink = {
    // Several that write to one pipe would cut each other's lines.
    write: async (bytes) => {
      await primary.send({ kind: 'log', lines: bytes });
      return bytes.length;
    },
  };
  container.rebind(T.logSink).toConstantValue(sink);
  container
    .rebind(T.onFatal)
    .toResolvedValue(
      (logger, writer) => onFatal(logger, writer, () => primary.send({ kind: 'fatal' })),
      [T.logger, T.logWriter],
    );
}

/** Who asks in the folder asks all workers. */
async function offerReload(container: Container, primary: PrimaryLink, shutdown: Shutdown): Promise<void> {
  const folder = instancesFolder(container.get(T.config));
  if (folder === undefined) return;
  const logger = container.get(T.logger);
  const files = new ReloadFiles(folder, container.get(T.instances).own);
  const job = reloadJob(files, { execute: () => primary.reload() });
  const jobs = new ScheduledJobs([job], container.get(T.clock), logger);
  jobs.start();
  shutdown.add('reload', () => jobs.stop());
}

/** Does what the primary wants, until that is to stop. */
async function untilStopped(container: Container, primary: PrimaryLink, shutdown: Shutdown): Promise<void> {
  const logger = container.get(T.logger);
  const reload = new WorkerReload(await container.getAsync(T.reloadables), logger);
  const state = await stateOf(container);
  await new Promise<void>((resolve) => {
    primary.serve({
      lead: () => lead(container, shutdown),
      apply: () => reload.apply(),
      stop: resolve,
      fault: (error) => logger.error('the primary could not be answered', { error }),
      preparation: ({ config }) => reload.prepare(config),
      report: state,
    });
  });
  await stopServing(container, shutdown);
  primary.leave();
}

async function stateOf(container: Container) {
  const exposition = await container.getAsync(T.prometheusMetrics);
  const readiness = await container.getAsync(T.readiness);
  const health = container.get(T.healthStatus);
  return async () => ({
    metrics: await exposition.samples(),
    failing: health.failing(),
    reasons: readiness.reasons(),
  });
}

function lead(container: Container, shutdown: Shutdown): void {
  container.get(T.leadership).take();
  const logger = container.get(T.logger);
  Promise.all([container.getAsync(T.jobs), container.getAsync(T.listJobs)])
    .then(([jobs, list]) => {
      jobs.renew(list());
      return startCheckpointer(container, shutdown);
    })
    .catch((error: unknown) => logger.error('worker could not begin to lead', { error }));
}

function failureOf(error: unknown): StartFailure {
  if (error instanceof ConfigurationError) return { kind: 'configuration', problems: error.problems };
  if (error instanceof StartFailed) return { kind: 'refused', message: error.message };
  return { kind: 'fault', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

import type { ConfigurationRequest } from '../../application/ports/system/configuration-reader.js';
import type { Clock } from '../../application/ports/system/clock.js';
import { loadConfig } from '../../infrastructure/config/load-config.js';
import { SqliteInstances } from '../../infrastructure/metadata/sqlite/sqlite-instances.js';
import { ReloadFiles } from '../../infrastructure/system/reload-files.js';
import type { ReloadAnswer, ServingProcess } from '../../interfaces/cli/commands/config-reload.js';
import { StartFailed } from '../../interfaces/cli/start-failed.js';
import { SERVE } from '../serve-command.js';
import { explainStorageError } from '../start-errors.js';
import { instancesFolder, nameOfPlace } from '../storage-place.js';

/** How long (ms) an answer is waited for, and from one look for it to the next. */
const PATIENCE = 60_000;
const PACE = 100;

/**
 * The processes that serve the folder of this configuration, as their files there say. They may run in other containers,
 * where their numbers mean nothing here; so they are asked by files too, and not by signals.
 * @throws ConfigurationError; StartFailed
 */
export function findServing(request: ConfigurationRequest, clock: Clock): readonly ServingProcess[] {
  const { config } = loadConfig(request, process.env, process.cwd());
  const folder = instancesFolder(config);
  const place = nameOfPlace(config);
  if (folder === undefined) {
    throw new StartFailed(
      `the storage is ${place}: no folder tells who serves it. Send SIGHUP to the process instead.`,
    );
  }
  const instances = new SqliteInstances(folder, clock);
  const serving = instances.others().filter(({ command }) => command === SERVE);
  if (serving.length === 0) {
    throw new StartFailed(
      `no registry that could be asked serves ${place}. One that serves it read-only, or from another configuration, takes SIGHUP.`,
    );
  }
  // Any worker of a process asks for all of them.
  const processes = new Map<string, { host: string; pid: number; workers: Askable[] }>();
  for (const { id, host, boot, pid } of serving) {
    const key = `${pid} ${boot} ${host}`;
    const process = processes.get(key) ?? { host, pid, workers: [] };
    process.workers.push({ files: new ReloadFiles(folder, id), isAlive: () => instances.isAlive(id) });
    processes.set(key, process);
  }
  return [...processes.values()].map(({ host, pid, workers }) => {
    return { host, pid, reload: () => askOne(workers, clock) };
  });
}

interface Askable {
  readonly files: ReloadFiles;
  readonly isAlive: () => boolean;
}

/** The next one when one has ended. */
async function askOne(workers: readonly Askable[], clock: Clock): Promise<ReloadAnswer> {
  for (const { files, isAlive } of workers) {
    const answer = await ask(files, isAlive, clock);
    if (answer.kind !== 'ended') return answer;
  }
  return { kind: 'ended' };
}

async function ask(files: ReloadFiles, isAlive: () => boolean, clock: Clock): Promise<ReloadAnswer> {
  const request = begin(files);
  try {
    const deadline = clock.now() + PATIENCE;
    for (;;) {
      // Before the answer is looked for: who has answered may have ended since.
      const lives = isAlive();
      const answer = files.takeAnswer(request);
      if (answer !== undefined) return answer;
      if (!lives) return { kind: 'ended' };
      if (clock.now() >= deadline) return { kind: 'silent' };
      await clock.sleep(PACE);
    }
  } finally {
    files.withdraw(request);
  }
}

function begin(files: ReloadFiles): string {
  try {
    return files.ask();
  } catch (error) {
    throw explainStorageError(error);
  }
}

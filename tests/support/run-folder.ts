import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Names the folder of what all processes of a run of the tests share. */
export const RUN_FOLDER = 'STOWAGE_TEST_RUN';
/** The id of the process that runs all tests. */
export const RUN_OWNER = 'STOWAGE_TEST_RUN_OWNER';

/** Vitest calls it once, before the first test: an RGW that a test starts serves all that come after. */
export async function setup(): Promise<void> {
  process.env[RUN_FOLDER] = await mkdtemp(join(tmpdir(), 'stowage-run-'));
  process.env[RUN_OWNER] = String(process.pid);
}

/** And this behind the last. */
export async function teardown(): Promise<void> {
  const folder = process.env[RUN_FOLDER] ?? '';
  await endProcesses(join(folder, 'rgw', 'run'));
  await rm(folder, { recursive: true, maxRetries: 5 });
}

/** Ends the processes whose ids are in `<folder>/*.pid`. What they keep is in memory, and of no use to anybody. */
async function endProcesses(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => name.endsWith('.pid'));
  const pids = await Promise.all(
    names.map(async (name) => Number(await readFile(join(folder, name), 'utf8'))),
  );
  const running = pids.filter((pid) => pid > 0 && send(pid, 'SIGKILL'));
  // In a container in which nobody waits for orphans they never go.
  for (let waited = 0; waited < 50 && running.some((pid) => send(pid, 0)); waited += 1) await sleep(100);
}

/** False when there is no such process any more. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

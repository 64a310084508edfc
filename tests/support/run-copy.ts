import { runProgram, type Ended } from './run-program.js';
import { PROGRAM } from './start-registry.js';

/** How far it has come is told now and then, if it takes long. */
const PROGRESS = /^(?:Copying|Comparing once more): .*\n/gm;

/** The words behind the name of the program. */
export function copyWords(from: string, to: string, more: readonly string[] = []): readonly string[] {
  return ['storage', 'copy', '--from', from, '--to', to, ...more];
}

/** `stowage storage copy` between two configurations, to its end; what it says of its progress is left out. */
export async function runCopy(from: string, to: string, more: readonly string[] = []): Promise<Ended> {
  const ended = await runProgram(process.execPath, [PROGRAM, ...copyWords(from, to, more)]);
  return { ...ended, stderr: ended.stderr.replaceAll(PROGRESS, '') };
}

import { runProgram, type Ended } from './run-program.js';
import { PROGRAM } from './start-registry.js';

/** `stowage` with a standard input. */
export async function stowageWithInput(input: string, ...args: string[]): Promise<Ended> {
  const command = `printf %s "$STOWAGE_INPUT" | "$0" "$@"`;
  return runProgram('bash', ['-c', command, process.execPath, PROGRAM, ...args], {
    env: { STOWAGE_INPUT: input },
  });
}

/** By the built program, with a hash that is quickly verified. */
export async function addUser(file: string, user: string, password: string): Promise<void> {
  const words = ['htpasswd', 'add', file, user, '--password-stdin', '--cost', '8'];
  const { exitCode, stderr } = await stowageWithInput(password, ...words);
  if (exitCode !== 0 || stderr !== '') throw new Error(`htpasswd add: exit code ${exitCode}\n${stderr}`);
}

import type { CommandArguments } from '../command.js';
import { StartFailed } from '../start-failed.js';
import { UsageError } from '../usage-error.js';
import type { PasswordInput } from './password-input.js';

export const passwordOption = {
  'password-stdin': { type: 'boolean', describe: 'Take the password from the standard input' },
} as const;

/**
 * The password for a command.
 * @param asks with more than one question all answers must be the same
 * @throws UsageError, StartFailed
 */
export async function passwordOf(
  args: CommandArguments,
  input: PasswordInput,
  command: string,
  asks: readonly string[],
): Promise<Buffer> {
  if (args['password-stdin'] === true) return input.read();
  if (!input.interactive) {
    const sentence = 'there is no terminal to ask for the password: give it to --password-stdin.';
    throw new UsageError(sentence, command);
  }
  const answers: string[] = [];
  for (const question of asks) {
    const answer = await input.ask(question);
    if (answer === undefined) throw new StartFailed('no password was typed; nothing was done.');
    answers.push(answer);
  }
  if (new Set(answers).size > 1) throw new StartFailed('the passwords are not the same; nothing was done.');
  return Buffer.from(answers[0] ?? '');
}

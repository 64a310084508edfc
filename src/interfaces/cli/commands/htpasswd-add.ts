import type { PasswordFile } from '../../../application/ports/security/password-file.js';
import type { Command, CommandArguments } from '../command.js';
import type { PasswordInput } from '../input/password-input.js';
import { passwordOf, passwordOption } from '../input/password-of.js';
import type { Terminal } from '../output/terminal.js';
import { UsageError } from '../usage-error.js';
import { userArguments } from './htpasswd-group.js';

const PATH = 'htpasswd add';
const USUAL_COST = '10';
const LEAST_COST = 8;
const MOST_COST = 16;

/** Gives a user a password, new or not. */
export class HtpasswdAddCommand implements Command {
  readonly name = 'add';
  readonly summary = 'Give a user a password, a new one if he is there; makes the file when it is missing';
  readonly arguments = userArguments;
  readonly options = {
    ...passwordOption,
    cost: {
      type: 'string',
      requiresArg: true,
      default: USUAL_COST,
      describe: `Of bcrypt, ${LEAST_COST} to ${MOST_COST}: each step doubles what a guess costs, and a login`,
    },
  } as const;
  readonly examples = [
    ['htpasswd add /etc/stowage/htpasswd alice', 'Ask for the password, without showing it'],
    ['htpasswd add htpasswd ci --password-stdin < secret', 'Take it from a file'],
  ] as const;

  readonly #users: PasswordFile;
  readonly #passwords: PasswordInput;
  readonly #terminal: Terminal;

  constructor(users: PasswordFile, passwords: PasswordInput, terminal: Terminal) {
    this.#users = users;
    this.#passwords = passwords;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const [file, user] = [String(args['file']), String(args['user'])];
    const cost = readCost(String(args['cost']));
    const asks = [`New password for ${user}: `, 'The same again: '];
    const password = await passwordOf(args, this.#passwords, PATH, asks);
    const outcome = await this.#users.set(file, user, password, cost);
    const what = outcome === 'added' ? `${user} was added to` : `${user} has a new password in`;
    this.#terminal.stdout.write(`${what} ${file}.\n`);
    return 0;
  }
}

/** @throws UsageError */
function readCost(text: string): number {
  const cost = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (cost >= LEAST_COST && cost <= MOST_COST) return cost;
  throw new UsageError(`--cost must be ${LEAST_COST} to ${MOST_COST}, but is "${text}".`, PATH);
}

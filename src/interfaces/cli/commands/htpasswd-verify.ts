import type { PasswordFile } from '../../../application/ports/security/password-file.js';
import type { Command, CommandArguments } from '../command.js';
import type { PasswordInput } from '../input/password-input.js';
import { passwordOf, passwordOption } from '../input/password-of.js';
import type { Terminal } from '../output/terminal.js';
import { userArguments } from './htpasswd-group.js';

/** Says whether a password is right. */
export class HtpasswdVerifyCommand implements Command {
  readonly name = 'verify';
  readonly summary = 'Say whether a user can sign in with a password';
  readonly arguments = userArguments;
  readonly options = passwordOption;
  readonly examples = [
    ['htpasswd verify /etc/stowage/htpasswd alice', 'Ask for the password, without showing it'],
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
    const asks = [`Password of ${user}: `];
    const password = await passwordOf(args, this.#passwords, `htpasswd ${this.name}`, asks);
    if (await this.#users.verify(file, user, password)) {
      this.#terminal.stdout.write(`${user} can sign in with this password.\n`);
      return 0;
    }
    this.#terminal.stderr.write(`stowage: ${user} cannot sign in with this password.\n`);
    return 1;
  }
}

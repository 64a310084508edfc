import type { PasswordFile } from '../../../application/ports/security/password-file.js';
import type { Command, CommandArguments } from '../command.js';
import type { Terminal } from '../output/terminal.js';
import { userArguments } from './htpasswd-group.js';

/** Takes a user out. */
export class HtpasswdRemoveCommand implements Command {
  readonly name = 'remove';
  readonly summary = 'Take a user out of the file';
  readonly arguments = userArguments;
  readonly options = {};
  readonly examples = [
    ['htpasswd remove /etc/stowage/htpasswd alice', 'A running registry refuses alice within a second'],
  ] as const;

  readonly #users: PasswordFile;
  readonly #terminal: Terminal;

  constructor(users: PasswordFile, terminal: Terminal) {
    this.#users = users;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const [file, user] = [String(args['file']), String(args['user'])];
    if (await this.#users.remove(file, user)) {
      this.#terminal.stdout.write(`${user} was removed from ${file}.\n`);
      return 0;
    }
    this.#terminal.stderr.write(`stowage: ${file} has no user ${user}.\n`);
    return 1;
  }
}

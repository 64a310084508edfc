import type { Command, CommandArgument, CommandGroup } from '../command.js';

/** The user of whom a command of this group is. */
export const userArguments: readonly CommandArgument[] = [
  { name: 'file', describe: 'The file of users: auth.htpasswd.path of the configuration', required: true },
  { name: 'user', describe: 'The name to sign in with', required: true },
];

/** Who may sign in. */
export class HtpasswdCommand implements CommandGroup {
  readonly name = 'htpasswd';
  readonly summary = 'Add and remove users who sign in with a password, or try one';
  readonly commands: readonly Command[];

  constructor(...commands: readonly Command[]) {
    this.commands = commands;
  }
}

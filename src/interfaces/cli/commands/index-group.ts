import type { Command, CommandGroup } from '../command.js';

/** What holds the names in the folder and in the database together. */
export class IndexCommand implements CommandGroup {
  readonly name = 'index';
  readonly summary =
    'Compare the names in the folder with the database, repair either, or make the database anew';
  readonly commands: readonly Command[];

  constructor(...commands: readonly Command[]) {
    this.commands = commands;
  }
}

import type { Command, CommandGroup } from '../command.js';

/** Who is told of what happens. */
export class NotificationsCommand implements CommandGroup {
  readonly name = 'notifications';
  readonly summary = 'Show how endpoints of notifications fare, or let what waits for them be tried at once';
  readonly commands: readonly Command[];

  constructor(...commands: readonly Command[]) {
    this.commands = commands;
  }
}

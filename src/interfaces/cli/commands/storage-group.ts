import type { Command, CommandGroup } from '../command.js';

/** What concerns where the bytes are. */
export class StorageCommand implements CommandGroup {
  readonly name = 'storage';
  readonly summary = 'Copy everything from one storage to another: from a folder to a bucket, or back';
  readonly commands: readonly Command[];

  constructor(...commands: readonly Command[]) {
    this.commands = commands;
  }
}

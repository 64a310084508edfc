import type { Command, CommandGroup } from '../command.js';

/** What concerns certificates. */
export class TlsCommand implements CommandGroup {
  readonly name = 'tls';
  readonly summary = 'Make certificates for a trial';
  readonly commands: readonly Command[];

  constructor(...commands: readonly Command[]) {
    this.commands = commands;
  }
}

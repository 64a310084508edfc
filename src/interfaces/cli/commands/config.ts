import type { ConfigurationReader } from '../../../application/ports/system/configuration-reader.js';
import type { Command, CommandGroup } from '../command.js';
import type { Terminal } from '../output/terminal.js';
import { ConfigCheckCommand } from './config-check.js';
import { ConfigShowCommand } from './config-show.js';

/** Looks at a configuration without starting anything. */
export class ConfigCommand implements CommandGroup {
  readonly name = 'config';
  readonly summary = 'Check a configuration, or show where its values come from';
  readonly commands: readonly Command[];

  constructor(reader: ConfigurationReader, terminal: Terminal) {
    this.commands = [new ConfigCheckCommand(reader, terminal), new ConfigShowCommand(reader, terminal)];
  }
}

import type { ConfigurationReader } from '../../../application/ports/system/configuration-reader.js';
import type { Command, CommandGroup } from '../command.js';
import type { Terminal } from '../output/terminal.js';
import { ConfigCheckCommand } from './config-check.js';
import { ConfigReloadCommand, type FindServing } from './config-reload.js';
import { ConfigShowCommand } from './config-show.js';

/** Looks at a configuration, or lets a running registry read it again. */
export class ConfigCommand implements CommandGroup {
  readonly name = 'config';
  readonly summary = 'Check a configuration, show where its values come from, or reload it';
  readonly commands: readonly Command[];

  constructor(reader: ConfigurationReader, findServing: FindServing, terminal: Terminal) {
    this.commands = [
      new ConfigCheckCommand(reader, terminal),
      new ConfigShowCommand(reader, terminal),
      new ConfigReloadCommand(reader, findServing, terminal),
    ];
  }
}

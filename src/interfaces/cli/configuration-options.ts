import type { Options } from 'yargs';
import type { ConfigurationRequest } from '../../application/ports/system/configuration-reader.js';
import type { CommandArgument, CommandArguments } from './command.js';

const KEYS: Readonly<Record<string, string>> = {
  addr: 'http.addr',
  root: 'storage.filesystem.rootdirectory',
  'log-level': 'log.level',
};

const GROUP = 'Configuration, stronger than file and environment:';

/** What every command that reads a configuration takes. */
export const configurationOptions: Readonly<Record<string, Options>> = {
  addr: {
    type: 'string',
    requiresArg: true,
    group: GROUP,
    describe: 'Where to listen: host:port, or :port for every interface (http.addr)',
  },
  root: {
    type: 'string',
    requiresArg: true,
    group: GROUP,
    describe: 'The folder that holds everything (storage.filesystem.rootdirectory)',
  },
  'log-level': {
    choices: ['error', 'warn', 'info', 'debug'],
    requiresArg: true,
    group: GROUP,
    describe: 'The least important level that is logged (log.level)',
  },
};

export const configurationArgument: CommandArgument = {
  name: 'config',
  describe: 'The file; without it the one that REGISTRY_CONFIGURATION_PATH names',
  required: false,
};

export function configurationRequest(args: CommandArguments): ConfigurationRequest {
  const flags = Object.entries(KEYS).flatMap(([option, key]) => {
    const value = args[option];
    return typeof value === 'string' ? [{ key, flag: `--${option}`, value }] : [];
  });
  const file = args[configurationArgument.name];
  return { file: typeof file === 'string' ? file : undefined, flags };
}

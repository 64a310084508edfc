import convict from 'convict';
import {
  ConfigurationError,
  type ConfigurationReport,
  type ConfigurationRequest,
  type ConfiguredValue,
} from '../../application/ports/system/configuration-reader.js';
import { applyEnvironment } from './apply-environment.js';
import { problemsTogether, warningsTogether } from './check-together.js';
import { type Collected, type CollectedValue, collectSettings } from './collect-settings.js';
import type { Config } from './config.js';
import { settingsOf } from './key-tree.js';
import { settleAliases } from './driver-aliases.js';
import { readConfigurationFile } from './read-configuration-file.js';
import { schema, type Settings } from './schema.js';
import { setValue } from './set-value.js';
import { settleDefaults } from './settle-defaults.js';
import { emptyMap, type SourceMap, textScalar } from './source-node.js';
import { toConfig } from './to-config.js';

const FILE_VARIABLE = 'REGISTRY_CONFIGURATION_PATH';

/** A configuration that can be used, and what it amounts to. */
export interface LoadedConfig {
  readonly config: Config;
  /** The same, key by key. */
  readonly settings: Settings;
  readonly report: ConfigurationReport;
}

/**
 * Reads the configuration from the file, the environment and the flags, each stronger than the one before. `cwd` is
 * the folder that relative paths start from.
 * @throws ConfigurationError with everything that is wrong
 */
export function loadConfig(
  request: ConfigurationRequest,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): LoadedConfig {
  const file = request.file ?? (env[FILE_VARIABLE] || undefined);
  const namedBy = request.file === undefined ? FILE_VARIABLE : '';
  const tree = file === undefined ? emptyMap({ kind: 'default' }) : readConfigurationFile(file, cwd, namedBy);
  const problemsOfNames = settleAliases(tree);
  const fromEnvironment = applyEnvironment(tree, env);
  const fromFlags = applyFlags(tree, request);

  const collected = collectSettings(tree);
  const problems = [...problemsOfNames, ...fromEnvironment.problems, ...fromFlags, ...collected.problems];
  problems.push(...problemsTogether(collected, file));
  if (problems.length > 0) throw new ConfigurationError(problems);

  settleDefaults(collected, file !== undefined, cwd);
  const settings = checkedSettings(collected);
  const config = toConfig(settings);
  const warnings = [...fromEnvironment.warnings, ...warningsTogether(collected, config.http.addr)];
  return {
    config,
    settings,
    report: { file, values: valuesOf(collected), notices: collected.notices, warnings },
  };
}

function applyFlags(tree: SourceMap, { flags }: ConfigurationRequest): string[] {
  return flags.flatMap(({ key, flag, value }) => {
    const fault = setValue(tree, key.split('.'), textScalar(value, { kind: 'flag', flag }));
    return fault === undefined ? [] : [`${flag} cannot be used: ${fault}.`];
  });
}

/** Convict fills in the defaults and holds every value, built in or given, against the schema once more. */
function checkedSettings({ values }: Collected): Settings {
  // Convict would read process.argv and process.env itself.
  const checked = convict<Settings>(schema, { args: [], env: {} });
  for (const [key, { value }] of values) checked.set(key, value);
  try {
    checked.validate({ allowed: 'strict' });
  } catch (error) {
    throw new ConfigurationError((error as Error).message.split('\n'));
  }
  return checked.getProperties();
}

/** Values that mean nothing beside the chosen driver, or only repeat another key, are left out. */
function valuesOf({ values, drivers, schemes }: Collected): ConfiguredValue[] {
  const driver = ['inmemory', 's3'].find((name) => drivers.has(name)) ?? 'filesystem';
  const absent = ['filesystem', 's3', 'inmemory']
    .filter((name) => name !== driver)
    .map((name) => `storage.${name}`);
  if (!schemes.has('token')) absent.push('auth.token');
  if (!schemes.has('htpasswd')) absent.push('auth.htpasswd');
  if (!values.has('loglevel')) absent.push('loglevel');
  return [...settingsOf()]
    .filter(([key]) => !absent.some((name) => key === name || key.startsWith(`${name}.`)))
    .flatMap(([key, setting]) => {
      const set = values.get(key);
      if (set?.value instanceof Map && set.value.size > 0) return entriesOf(key, set, set.value);
      const value = set === undefined ? setting.default : set.value;
      const shown = value === null ? undefined : setting.reads.show(value);
      return [{ key, value: shown, origin: set?.origin ?? { kind: 'default' as const } }];
    });
}

/** Each entry of a map may come from elsewhere. */
function entriesOf(
  key: string,
  { origin, entries }: CollectedValue,
  map: ReadonlyMap<string, unknown>,
): ConfiguredValue[] {
  return [...map].map(([name, value]) => ({
    key: `${key}.${name}`,
    value,
    origin: entries?.get(name.toLowerCase()) ?? origin,
  }));
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationError,
  type FlagValue,
} from '../../../src/application/ports/system/configuration-reader.js';
import { type LoadedConfig, loadConfig } from '../../../src/infrastructure/config/load-config.js';

/** What a configuration is made of in a test. Without `yaml` there is no file. */
export interface Written {
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly FlagValue[];
}

export const CWD = '/srv/stowage';

/** Loads it; the file is called config.yml in every message. */
export function configured({ yaml, env = {}, flags = [] }: Written): LoadedConfig {
  if (yaml === undefined) return loadConfig({ file: undefined, flags }, env, CWD);
  const folder = mkdtempSync(join(tmpdir(), 'stowage-config-'));
  try {
    const path = join(folder, 'config.yml');
    writeFileSync(path, yaml);
    return loadConfig({ file: path, flags }, env, CWD);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new ConfigurationError(error.problems.map((problem) => problem.replaceAll(`${folder}/`, '')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `storage.maintenance` when nothing is said of it. */
export const MAINTENANCE = {
  readonly: { enabled: false },
  uploadpurging: { enabled: true, age: 604_800_000, interval: 86_400_000, dryrun: false },
};

/** `storage.redirect` when nothing is said of it. */
export const REDIRECT = { disable: false, except: [] };

/** The problems that stop it; none when it can be used. */
export function problemsOf(written: Written): readonly string[] {
  try {
    configured(written);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems;
  }
}

/** A file that can be used, with more lines. */
export function file(...lines: readonly string[]): string {
  return ['version: 0.1', 'storage: {filesystem: {rootdirectory: /data}}', ...lines, ''].join('\n');
}

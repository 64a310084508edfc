import type {
  ConfigurationReader,
  ConfigurationReport,
  ConfigurationRequest,
} from '../../application/ports/system/configuration-reader.js';
import type { Config } from './config.js';
import { defaultFile } from './default-file.js';
import { loadConfig } from './load-config.js';
import { placeOfKey } from './place-of-key.js';

/**
 * Opens the files that a configuration names. Resolves with a sentence for each thing in them that works but should not
 * stay so.
 * @param place where a key was set, as a sentence names it
 * @throws ConfigurationError with everything that is wrong
 */
export type CheckFiles = (config: Config, place: (key: string) => string) => Promise<readonly string[]>;

/** Reads files, and the environment it was given. */
export class FileConfigurationReader implements ConfigurationReader {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #cwd: string;
  readonly #checkFiles: CheckFiles;

  constructor(env: Readonly<Record<string, string | undefined>>, cwd: string, checkFiles: CheckFiles) {
    this.#env = env;
    this.#cwd = cwd;
    this.#checkFiles = checkFiles;
  }

  read(request: ConfigurationRequest): ConfigurationReport {
    return loadConfig(request, this.#env, this.#cwd).report;
  }

  async check(request: ConfigurationRequest): Promise<ConfigurationReport> {
    const { config, report } = loadConfig(request, this.#env, this.#cwd);
    const doubts = await this.#checkFiles(config, (key) => placeOfKey(report, key));
    return { ...report, warnings: [...report.warnings, ...doubts] };
  }

  defaultFile(): string {
    return defaultFile();
  }
}

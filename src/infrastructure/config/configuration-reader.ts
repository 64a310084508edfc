import type {
  ConfigurationReader,
  ConfigurationReport,
  ConfigurationRequest,
} from '../../application/ports/system/configuration-reader.js';
import { defaultFile } from './default-file.js';
import { loadConfig } from './load-config.js';

/** Reads files, and the environment it was given. */
export class FileConfigurationReader implements ConfigurationReader {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #cwd: string;

  constructor(env: Readonly<Record<string, string | undefined>>, cwd: string) {
    this.#env = env;
    this.#cwd = cwd;
  }

  read(request: ConfigurationRequest): ConfigurationReport {
    return loadConfig(request, this.#env, this.#cwd).report;
  }

  defaultFile(): string {
    return defaultFile();
  }
}

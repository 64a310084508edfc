import type {
  ConfigurationReport,
  ConfigurationRequest,
} from '../../application/ports/system/configuration-reader.js';
import type {
  ConfigurationSource,
  RereadConfiguration,
} from '../../application/ports/system/configuration-source.js';
import { compareSettings } from './compare-settings.js';
import type { Config } from './config.js';
import { loadConfig, type LoadedConfig } from './load-config.js';
import { placeOfKey } from './place-of-key.js';
import type { Settings } from './schema.js';
import { toConfig } from './to-config.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the registry was started with: the same file, environment and flags are read each time. */
export class FileConfigurationSource implements ConfigurationSource<Config> {
  readonly #request: ConfigurationRequest;
  readonly #env: Environment;
  readonly #cwd: string;
  #inForce: Settings;
  #report: ConfigurationReport;

  /** @param started what is in force */
  constructor(request: ConfigurationRequest, env: Environment, cwd: string, started: LoadedConfig) {
    this.#request = request;
    this.#env = env;
    this.#cwd = cwd;
    this.#inForce = started.settings;
    this.#report = started.report;
  }

  reread(): RereadConfiguration<Config> {
    const { settings, report } = loadConfig(this.#request, this.#env, this.#cwd);
    const { changed, restart, inForce } = compareSettings(this.#inForce, settings);
    return {
      config: toConfig(inForce),
      changed,
      restart,
      warnings: report.warnings.filter((warning) => !this.#report.warnings.includes(warning)),
      place: (key) => placeOfKey(report, key),
      accept: () => {
        this.#inForce = inForce;
        this.#report = report;
      },
    };
  }
}

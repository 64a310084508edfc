/** A value given by a flag of the command line. */
export interface FlagValue {
  /** The key it sets, dotted: `http.addr`. */
  readonly key: string;
  /** As it was typed: `--addr`. */
  readonly flag: string;
  readonly value: string;
}

/** Where a configuration comes from, besides the environment. */
export interface ConfigurationRequest {
  /** The file named on the command line; REGISTRY_CONFIGURATION_PATH is looked at when it is undefined. */
  readonly file: string | undefined;
  readonly flags: readonly FlagValue[];
}

export type ValueOrigin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly path: string; readonly line: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'flag'; readonly flag: string };

export interface ConfiguredValue {
  readonly key: string;
  /** As it would be written in a file; undefined when nothing is set and nothing applies by default. */
  readonly value: unknown;
  readonly origin: ValueOrigin;
}

/** What a configuration amounts to. */
export interface ConfigurationReport {
  /** The file that was read, if any. */
  readonly file: string | undefined;
  /** Every key with its value, in the order of docs/configuration.md. */
  readonly values: readonly ConfiguredValue[];
  /** A sentence for each accepted key that is not needed here, and why. */
  readonly notices: readonly string[];
  /** A sentence for each thing that works but should not stay so. */
  readonly warnings: readonly string[];
}

/** The configuration can not be used. Each problem is a sentence with its key, its place and what would be right. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

export interface ConfigurationReader {
  /** @throws ConfigurationError */
  read(request: ConfigurationRequest): ConfigurationReport;
  /**
   * The same, and opens the files that it names, as the registry does when it starts: changes nothing.
   * @throws ConfigurationError
   */
  check(request: ConfigurationRequest): Promise<ConfigurationReport>;
  /** The built-in configuration as a commented YAML file. */
  defaultFile(): string;
}

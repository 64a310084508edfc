/** What a configuration that was read again would change. */
export interface RereadConfiguration<C> {
  /** What is in force once it is accepted: keys that need a restart have the values of before. */
  readonly config: C;
  /** Keys that change at once, dotted. */
  readonly changed: readonly string[];
  /** Keys that differ from what is in force, and need a restart. */
  readonly restart: readonly string[];
  /** Sentences for what works but should not stay so, and was not said of the one before. */
  readonly warnings: readonly string[];
  /** Where a key was set, as a sentence names it: `config.yml:12`. */
  place(key: string): string;
  /** From now on it is in force: the next one is compared with it. */
  accept(): void;
}

/** The configuration of the running registry, where it came from at the start: file, environment and flags. */
export interface ConfigurationSource<C> {
  /** Reads it again and compares it with what is in force. Changes nothing. @throws ConfigurationError */
  reread(): RereadConfiguration<C>;
}

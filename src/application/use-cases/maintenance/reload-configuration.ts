import { ConfigurationError } from '../../ports/system/configuration-reader.js';
import type { ConfigurationSource, RereadConfiguration } from '../../ports/system/configuration-source.js';
import type { Logger } from '../../ports/system/logger.js';
import type { Apply, Reloadable } from '../../ports/system/reloadable.js';
import { allRight } from '../../services/all-right.js';

/** What came of a reload. Keys are dotted; no value is among them. */
export type ReloadOutcome =
  | { readonly kind: 'reloaded'; readonly changed: readonly string[]; readonly restart: readonly string[] }
  /** What was in force stays so. Each problem is a sentence. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/**
 * Puts the configuration in force that is there now, as far as a running registry can: all of it, or nothing when
 * anything is wrong with it.
 */
export class ReloadConfiguration<C> {
  readonly #source: ConfigurationSource<C>;
  readonly #parts: readonly Reloadable<C>[];
  readonly #logger: Logger;
  #last: Promise<unknown> = Promise.resolve();

  /** @param parts take the new configuration in this order */
  constructor(source: ConfigurationSource<C>, parts: readonly Reloadable<C>[], logger: Logger) {
    this.#source = source;
    this.#parts = parts;
    this.#logger = logger;
  }

  /** One after the other: each reads after it was asked for. */
  async execute(): Promise<ReloadOutcome> {
    const before = this.#last;
    const reload = before.then(() => this.#reload());
    // Whoever asked for it is told of its failure; the next one is tried all the same.
    this.#last = reload.catch(() => undefined);
    return reload;
  }

  async #reload(): Promise<ReloadOutcome> {
    const prepared = await this.#prepare();
    if (prepared.kind === 'refused') return prepared;
    const { next, applies } = prepared;
    next.accept();
    for (const apply of applies) apply();
    this.#tell(next);
    return { kind: 'reloaded', changed: next.changed, restart: next.restart };
  }

  async #prepare(): Promise<
    | { readonly kind: 'prepared'; readonly next: RereadConfiguration<C>; readonly applies: readonly Apply[] }
    | (ReloadOutcome & { readonly kind: 'refused' })
  > {
    try {
      const next = this.#source.reread();
      const works = this.#parts.map((part) => part.prepare(next.config));
      return { kind: 'prepared', next, applies: await allRight(works, (key) => next.place(key)) };
    } catch (error) {
      const message = 'configuration was not reloaded: the one before stays in force';
      if (error instanceof ConfigurationError) {
        const { problems } = error;
        this.#logger.error(message, { reason: problems.join(' ') });
        return { kind: 'refused', problems };
      }
      this.#logger.error(message, { error });
      return { kind: 'refused', problems: ['An unexpected fault, which the log of the registry tells.'] };
    }
  }

  #tell({ changed, restart, warnings }: RereadConfiguration<C>): void {
    for (const warning of warnings) this.#logger.warn(warning);
    if (restart.length > 0) {
      this.#logger.warn('changed keys need a restart: until then they are as before', { keys: restart });
    }
    this.#logger.info('configuration was reloaded', { changed });
  }
}

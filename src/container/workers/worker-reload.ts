import type { Apply, Reloadable } from '../../application/ports/system/reloadable.js';
import { NamedFileRefused } from '../../application/ports/system/named-file-refused.js';
import type { Logger } from '../../application/ports/system/logger.js';
import type { Config } from '../../infrastructure/config/config.js';
import type { Preparation, Refusal } from '../../infrastructure/workers/worker-messages.js';

/** What a worker does of a reload: the primary has read the configuration, and tells of what came of it. */
export class WorkerReload {
  readonly #parts: readonly Reloadable<Config>[];
  readonly #logger: Logger;
  #prepared: readonly Apply[] = [];

  /** @param parts take the new configuration in this order */
  constructor(parts: readonly Reloadable<Config>[], logger: Logger) {
    this.#parts = parts;
    this.#logger = logger;
  }

  /** Replaces what was prepared before and never applied. */
  async prepare(config: Config): Promise<Preparation> {
    this.#prepared = [];
    const outcomes = await Promise.allSettled(this.#parts.map((part) => part.prepare(config)));
    const reasons = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    );
    const faults = reasons.filter((reason) => !(reason instanceof NamedFileRefused));
    for (const error of faults) this.#logger.error('configuration could not be prepared', { error });
    if (faults.length > 0) return { kind: 'failed' };
    if (reasons.length > 0) return { kind: 'refused', refusals: reasons.map(toRefusal) };
    this.#prepared = outcomes.map((outcome) => (outcome as PromiseFulfilledResult<Apply>).value);
    return { kind: 'prepared' };
  }

  apply(): void {
    for (const apply of this.#prepared) apply();
    this.#prepared = [];
  }
}

function toRefusal(reason: unknown): Refusal {
  const { key, sentence } = reason as NamedFileRefused;
  return { key, sentence };
}

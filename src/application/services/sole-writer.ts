import { keyOfName, type LinkedName } from '../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import { StorageFault } from '../ports/storage/storage-fault.js';
import type { LogFields, Logger } from '../ports/system/logger.js';
import type { Finding, ForeignNames, Sought } from './foreign-names.js';
import type { TreeOwnership } from './tree-ownership.js';

/**
 * `alone`: whatever is in the repository is known here. `unknown`: it can not be looked at, or a change of ours has to
 * reach the tree before one can tell. `not-alone`: another registry has written into it while we run; the reason is a
 * sentence without its full stop.
 */
export type WriterVerdict =
  { readonly kind: 'alone' | 'unknown' } | { readonly kind: 'not-alone'; readonly reason: string };

/** Whether nobody but our own processes writes into a repository of the tree. */
export interface WatchesWriters {
  /** @throws the signal's reason */
  verdict(repository: RepositoryName, sought: Sought, signal: AbortSignal): Promise<WriterVerdict>;

  /**
   * The same for names that our processes have taken away: whether the tree has them again.
   * @throws the signal's reason
   */
  verdictOnGone(names: readonly LinkedName[], signal: AbortSignal): Promise<WriterVerdict>;
}

/** For who removes nothing: nobody is looked for. */
export const UNWATCHED: WatchesWriters = {
  verdict: async () => ({ kind: 'alone' }),
  verdictOnGone: async () => ({ kind: 'alone' }),
};

/** Looks for names that another registry has written. Whoever finds one lets the next start compare everything. */
export class SoleWriter implements WatchesWriters {
  readonly #foreign: ForeignNames;
  readonly #tree: Pick<TreeOwnership, 'noteOtherWriter'>;
  readonly #logger: Logger;

  constructor(foreign: ForeignNames, tree: Pick<TreeOwnership, 'noteOtherWriter'>, logger: Logger) {
    this.#foreign = foreign;
    this.#tree = tree;
    this.#logger = logger;
  }

  verdict(repository: RepositoryName, sought: Sought, signal: AbortSignal): Promise<WriterVerdict> {
    const find = () => this.#foreign.find(repository, sought, signal);
    return this.#judge(find, { repository: repository.toString() });
  }

  verdictOnGone(names: readonly LinkedName[], signal: AbortSignal): Promise<WriterVerdict> {
    const find = () => this.#foreign.findAgain(names, signal);
    return this.#judge(find, { names: names.length, first: names.slice(0, 1).map(keyOfName) });
  }

  async #judge(find: () => Promise<Finding>, what: LogFields): Promise<WriterVerdict> {
    try {
      const found = await find();
      if (found.kind !== 'foreign') return { kind: found.kind === 'none' ? 'alone' : 'unknown' };
      const name = keyOfName(found.name);
      await this.#tree.noteOtherWriter(name);
      return { kind: 'not-alone', reason: reasonOf(name) };
    } catch (error) {
      if (!(error instanceof StorageFault)) throw error;
      this.#logger.warn('what is in the folder can not be looked at, so it is kept', { ...what, error });
      return { kind: 'unknown' };
    }
  }
}

function reasonOf(name: string): string {
  return (
    `another registry writes into this folder (${name} is in it and was not written by Stowage), so nothing more is ` +
    'removed; stop the other registry, then restart Stowage, which takes in what the other has written'
  );
}

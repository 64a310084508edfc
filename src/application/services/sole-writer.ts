import { keyOfName } from '../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import { StorageFault } from '../ports/storage/storage-fault.js';
import type { Logger } from '../ports/system/logger.js';
import type { ForeignNames, Sought } from './foreign-names.js';
import type { TreeOwnership } from './tree-ownership.js';

/**
 * `alone`: whatever is in the repository is known here. `unknown`: it can not be looked at, or a change of ours has to
 * reach the tree before one can tell. `not-alone`: another registry
 * has written into it while we run; the reason is a sentence without its full stop.
 */
export type WriterVerdict =
  { readonly kind: 'alone' | 'unknown' } | { readonly kind: 'not-alone'; readonly reason: string };

/** Whether nobody but our own processes writes into a repository of the tree. */
export interface WatchesWriters {
  /** @throws the signal's reason */
  verdict(repository: RepositoryName, sought: Sought, signal: AbortSignal): Promise<WriterVerdict>;
}

/** For who removes nothing: nobody is looked for. */
export const UNWATCHED: WatchesWriters = { verdict: async () => ({ kind: 'alone' }) };

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

  async verdict(repository: RepositoryName, sought: Sought, signal: AbortSignal): Promise<WriterVerdict> {
    try {
      const found = await this.#foreign.find(repository, sought, signal);
      if (found.kind !== 'foreign') return { kind: found.kind === 'none' ? 'alone' : 'unknown' };
      const name = keyOfName(found.name);
      await this.#tree.noteOtherWriter(name);
      return { kind: 'not-alone', reason: reasonOf(name) };
    } catch (error) {
      if (!(error instanceof StorageFault)) throw error;
      this.#logger.warn('a repository can not be looked at, so nothing is removed from it', {
        repository: repository.toString(),
        error,
      });
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

import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { ContentRemovals, DueContent } from '../ports/metadata/content-removals.js';
import type { CollectionRun } from './collection-run.js';
import type { WatchesWriters } from './sole-writer.js';

/**
 * Looks for contents that are about to go in the repositories that have lost them, by a client or by collection: another
 * registry may have given them their name back. It costs a look at a link for each name that went.
 */
export class ContentLooks {
  readonly #contents: Pick<ContentRemovals, 'formerRepositories'>;
  readonly #writers: WatchesWriters;

  constructor(contents: Pick<ContentRemovals, 'formerRepositories'>, writers: WatchesWriters) {
    this.#contents = contents;
    this.#writers = writers;
  }

  /** Those that may go; the others are left. If another registry has linked one the run is suspended, and none may go. */
  async unclaimed(run: CollectionRun, contents: readonly DueContent[]): Promise<readonly DueContent[]> {
    if (await this.#isUnclaimed(run, contents)) return contents;
    const free: DueContent[] = [];
    for (const content of contents) {
      if (run.ended) return [];
      if (await this.#isUnclaimed(run, [content])) free.push(content);
      else run.left.add(content.digest.toString());
    }
    return run.ended ? [] : free;
  }

  async #isUnclaimed(run: CollectionRun, contents: readonly DueContent[]): Promise<boolean> {
    const names: LinkedName[] = [];
    for (const content of contents) names.push(...(await this.#formerNames(content)));
    if (names.length === 0) return true;
    try {
      const verdict = await this.#writers.verdictOnGone(names, run.signal);
      if (verdict.kind === 'not-alone') run.suspend(verdict.reason);
      return verdict.kind === 'alone';
    } catch (error) {
      if (!run.signal.aborted) throw error;
      return false;
    }
  }

  /** It may have been a blob there, a manifest, or both. */
  async #formerNames({ id, digest }: DueContent): Promise<readonly LinkedName[]> {
    const repositories = await this.#contents.formerRepositories(id);
    return repositories.flatMap((repository): readonly LinkedName[] => [
      { kind: 'layer', repository, digest },
      { kind: 'revision', repository, digest },
    ]);
  }
}

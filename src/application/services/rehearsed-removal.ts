import type { ContentRemovals, DueContent } from '../ports/metadata/content-removals.js';
import type { ReviewMoment } from '../ports/metadata/reviews.js';
import type { RemovalListener, RemovalOutcomes, RemovesContents } from './content-removal.js';

/** Removes nothing, and says what would be removed. */
export class RehearsedRemoval implements RemovesContents {
  readonly #contents: Pick<ContentRemovals, 'condemn'>;

  /** @param contents rehearsed as well */
  constructor(contents: Pick<ContentRemovals, 'condemn'>) {
    this.#contents = contents;
  }

  async remove(
    due: readonly DueContent[],
    moment: ReviewMoment,
    listener: RemovalListener,
  ): Promise<RemovalOutcomes> {
    const outcomes = await this.#contents.condemn(due, { token: Buffer.alloc(0), until: 0 }, moment);
    const of = (kind: string) => due.filter((_content, at) => outcomes[at] === kind);
    const condemned = of('condemned');
    for (const content of condemned) listener.removed(content);
    return {
      removed: condemned.length,
      left: of('pending').map(({ id }) => id),
      unreadable: of('unreadable').length,
    };
  }

  async recover(): Promise<void> {
    return Promise.resolve();
  }
}

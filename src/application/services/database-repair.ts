import type { BlobIndex, UnlinkOutcome } from '../ports/metadata/blob-index.js';
import type { DeleteOutcome, ManifestIndex } from '../ports/metadata/manifest-index.js';
import type { TagIndex } from '../ports/metadata/tag-index.js';
import type { ReferenceTakeover } from '../ports/metadata/reference-takeover.js';
import type { TagTakeover } from '../ports/metadata/tag-takeover.js';
import type { Clock } from '../ports/system/clock.js';
import { keyOfDifference, type NamedDifference } from './index-difference.js';
import type { NameComparison } from './name-comparison.js';
import type { NamePublisher } from './name-publisher.js';
import type { NameRepair } from './name-repair.js';
import type { AdoptionListener, RepositoryAdoption } from './repository-adoption.js';

const NEVER = new AbortController().signal;

const NOBODY: AdoptionListener = { added: () => undefined, damaged: () => undefined };

/** Whoever lets what was deleted be known. */
export type Publisher = Pick<NamePublisher, 'publish' | 'flush'>;

interface Indexes {
  readonly tags: TagIndex;
  readonly manifests: ManifestIndex;
  readonly blobs: BlobIndex;
}

/** Takes names of the tree into the database. A registry may serve meanwhile. */
export class DatabaseRepair implements NameRepair {
  readonly #adoption: RepositoryAdoption;
  readonly #tags: TagTakeover;
  readonly #comparison: NameComparison;
  readonly #indexes: Indexes;
  readonly #names: Publisher;
  readonly #clock: Clock;
  readonly #references: ReferenceTakeover | undefined;
  /** The repository that was taken in last: its differences come one after the other. */
  #adopted: string | undefined;

  /** @param references makes manifests lack what the tree has no more; without it they hold what they reference */
  constructor(
    adoption: RepositoryAdoption,
    tags: TagTakeover,
    comparison: NameComparison,
    indexes: Indexes,
    names: Publisher,
    clock: Clock,
    references?: ReferenceTakeover,
  ) {
    this.#adoption = adoption;
    this.#tags = tags;
    this.#comparison = comparison;
    this.#indexes = indexes;
    this.#names = names;
    this.#clock = clock;
    this.#references = references;
  }

  async settle(difference: NamedDifference): Promise<string | undefined> {
    const { name } = difference;
    const { repository } = name;
    if (this.#adopted !== repository.toString()) await this.#adoption.adopt(repository, NOBODY, NEVER);
    this.#adopted = repository.toString();
    if (difference.kind === 'other-target' && name.kind === 'tag') {
      const { database: from, tree: to } = difference;
      await this.#tags.follow({ repository, tag: name.tag, from, to }, this.#clock.now());
    }
    const left = await this.#comparison.look(difference.name);
    if (left === undefined || keyOfDifference(left) !== keyOfDifference(difference)) return undefined;
    return 'the tree does not have all that it needs';
  }

  /**
   * As for clients, what an index lists or a manifest references is not taken away, unless references follow: then they
   * go too.
   */
  async remove({ name }: NamedDifference): Promise<string | undefined> {
    // It was acknowledged, and the storage has refused it so far: nobody has taken it away.
    if (await this.#comparison.isPending(name)) return 'its link file has still to be written';
    const { tags, manifests, blobs } = this.#indexes;
    const now = this.#clock.now();
    if (name.kind === 'tag') {
      const changes = await tags.delete(name.repository, name.tag, now);
      return this.#finish(changes === undefined ? { kind: 'unknown' } : { kind: 'deleted', changes });
    }
    const remove = (): Promise<DeleteOutcome | UnlinkOutcome> =>
      name.kind === 'revision'
        ? manifests.delete(name.repository, name.digest, now)
        : blobs.unlink(name.repository, name.digest, now);
    const outcome = await remove();
    const isHeld = outcome.kind === 'listed' || outcome.kind === 'referenced';
    if (!isHeld || this.#references === undefined) return this.#finish(outcome);
    await this.#references.release(name);
    return this.#finish(await remove());
  }

  async flush(): Promise<void> {
    await this.#names.flush();
  }

  async #finish(outcome: DeleteOutcome | UnlinkOutcome): Promise<string | undefined> {
    switch (outcome.kind) {
      case 'unknown':
        return undefined;
      case 'deleted':
      case 'unlinked':
        await this.#names.publish(outcome.changes);
        return undefined;
      case 'listed':
        return `the index ${String(outcome.indexes[0])} lists it`;
      case 'referenced':
        return `the manifest ${String(outcome.manifests[0])} references it`;
    }
  }
}

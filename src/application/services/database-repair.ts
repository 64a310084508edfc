import type { BlobIndex, UnlinkOutcome } from '../ports/metadata/blob-index.js';
import type { DeleteOutcome, ManifestIndex } from '../ports/metadata/manifest-index.js';
import type { TagIndex } from '../ports/metadata/tag-index.js';
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
type Publisher = Pick<NamePublisher, 'publish' | 'flush'>;

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
  /** The repository that was taken in last: its differences come one after the other. */
  #adopted: string | undefined;

  constructor(
    adoption: RepositoryAdoption,
    tags: TagTakeover,
    comparison: NameComparison,
    indexes: Indexes,
    names: Publisher,
    clock: Clock,
  ) {
    this.#adoption = adoption;
    this.#tags = tags;
    this.#comparison = comparison;
    this.#indexes = indexes;
    this.#names = names;
    this.#clock = clock;
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

  /** As for clients: what an index lists, or a manifest references, is not taken away. */
  async remove({ name }: NamedDifference): Promise<string | undefined> {
    const { tags, manifests, blobs } = this.#indexes;
    const now = this.#clock.now();
    if (name.kind === 'tag') {
      const changes = await tags.delete(name.repository, name.tag, now);
      return this.#finish(changes === undefined ? { kind: 'unknown' } : { kind: 'deleted', changes });
    }
    return this.#finish(
      name.kind === 'revision'
        ? await manifests.delete(name.repository, name.digest, now)
        : await blobs.unlink(name.repository, name.digest, now),
    );
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

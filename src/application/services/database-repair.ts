import type { BlobIndex, UnlinkOutcome } from '../ports/metadata/blob-index.js';
import type { DeleteOutcome, ManifestIndex } from '../ports/metadata/manifest-index.js';
import type { TagIndex } from '../ports/metadata/tag-index.js';
import type { Clock } from '../ports/system/clock.js';
import { keyOfDifference, type NamedDifference } from './index-difference.js';
import type { NameComparison } from './name-comparison.js';
import type { NamePublisher } from './name-publisher.js';
import type { NameRepair } from './name-repair.js';
import type { RepositoryAdoption } from './repository-adoption.js';

const NEVER = new AbortController().signal;

interface Indexes {
  readonly tags: TagIndex;
  readonly manifests: ManifestIndex;
  readonly blobs: BlobIndex;
}

/** Takes names of the tree into the database. A registry may serve meanwhile. */
export class DatabaseRepair implements NameRepair {
  readonly #adoption: RepositoryAdoption;
  readonly #comparison: NameComparison;
  readonly #indexes: Indexes;
  readonly #names: NamePublisher;
  readonly #clock: Clock;
  /** The repository that was taken in last: its differences come one after the other. */
  #adopted: string | undefined;

  constructor(
    adoption: RepositoryAdoption,
    comparison: NameComparison,
    indexes: Indexes,
    names: NamePublisher,
    clock: Clock,
  ) {
    this.#adoption = adoption;
    this.#comparison = comparison;
    this.#indexes = indexes;
    this.#names = names;
    this.#clock = clock;
  }

  async settle(difference: NamedDifference): Promise<string | undefined> {
    const repository = difference.name.repository.toString();
    if (this.#adopted !== repository) await this.#adoption.execute(repository, NEVER);
    this.#adopted = repository;
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

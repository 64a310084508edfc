import type { DeletionPolicy } from '../../../domain/lifecycle/deletion-policy.js';
import { ManifestUnknown } from '../../../domain/manifest/manifest-errors.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagName } from '../../../domain/tag/tag-name.js';
import type { DurabilityBarrier } from '../../ports/metadata/durability-barrier.js';
import type { TagIndex } from '../../ports/metadata/tag-index.js';
import type { Clock } from '../../ports/system/clock.js';

/** Deletes a tag; its manifest stays (OCI end-9). */
export class DeleteTag {
  readonly #tags: TagIndex;
  readonly #barrier: DurabilityBarrier;
  readonly #clock: Clock;
  readonly #policy: DeletionPolicy;

  constructor(tags: TagIndex, barrier: DurabilityBarrier, clock: Clock, policy: DeletionPolicy) {
    this.#tags = tags;
    this.#barrier = barrier;
    this.#clock = clock;
    this.#policy = policy;
  }

  /** @throws Unsupported, ManifestUnknown */
  async execute(request: { repository: RepositoryName; tag: TagName }): Promise<void> {
    this.#policy.assertAllowed();
    const { repository, tag } = request;
    const deleted = await this.#tags.delete(repository, tag, this.#clock.now());
    if (!deleted) throw new ManifestUnknown(repository.toString(), tag.toString());
    await this.#barrier.wait();
  }
}

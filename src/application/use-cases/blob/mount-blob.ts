import type { Digest } from '../../../domain/content/digest.js';
import type { Repository } from '../../../domain/repository/repository.js';
import type { BlobIndex } from '../../ports/metadata/blob-index.js';
import type { DurabilityBarrier } from '../../ports/metadata/durability-barrier.js';
import type { Clock } from '../../ports/system/clock.js';

/** Gives a repository a blob that another one has, without an upload (OCI end-11). */
export class MountBlob {
  readonly #blobs: BlobIndex;
  readonly #barrier: DurabilityBarrier;
  readonly #clock: Clock;

  constructor(blobs: BlobIndex, barrier: DurabilityBarrier, clock: Clock) {
    this.#blobs = blobs;
    this.#barrier = barrier;
    this.#clock = clock;
  }

  /**
   * False when it can not be mounted; the client then uploads. No reason is given: it must not learn what repositories
   * hold that it may not read.
   */
  async execute(request: {
    repository: Repository;
    digest: Digest;
    from: string | undefined;
  }): Promise<boolean> {
    const { repository, digest } = request;
    const source = repository.mountSource(request.from);
    if (source === undefined) return false;
    const now = this.#clock.now();
    const mounted = await this.#blobs.mount({ digest, source, target: repository.name, now });
    if (mounted) await this.#barrier.wait();
    return mounted;
  }
}

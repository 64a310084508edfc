import { Blob } from '../../../domain/content/blob.js';
import { BlobUnknown } from '../../../domain/content/blob-errors.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { Grace } from '../../../domain/lifecycle/grace.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { BlobIndex } from '../../ports/metadata/blob-index.js';
import type { Clock } from '../../ports/system/clock.js';

/**
 * Says whether a repository has a blob (OCI end-2, HEAD). A client that is told so skips its upload, so the answer is
 * good for a whole grace: an unreferenced link that is about to be reviewed is renewed.
 */
export class StatBlob {
  readonly #blobs: BlobIndex;
  readonly #clock: Clock;
  readonly #grace: Grace;

  constructor(blobs: BlobIndex, clock: Clock, grace: Grace) {
    this.#blobs = blobs;
    this.#clock = clock;
    this.#grace = grace;
  }

  /** @throws BlobUnknown */
  async execute(request: { repository: RepositoryName; digest: Digest }): Promise<Blob> {
    const { repository, digest } = request;
    const link = await this.#blobs.find(repository, digest);
    if (link === undefined) throw new BlobUnknown(digest.toString());
    const now = this.#clock.now();
    if (this.#grace.needsRenewal(link.reviewAfter, now)) {
      const renewed = await this.#blobs.renew(repository, digest, this.#grace.linkReview(now));
      if (!renewed) throw new BlobUnknown(digest.toString());
    }
    return new Blob(digest, link.size);
  }
}

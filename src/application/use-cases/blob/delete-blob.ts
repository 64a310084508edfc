import { BlobUnknown } from '../../../domain/content/blob-errors.js';
import type { Digest } from '../../../domain/content/digest.js';
import { Denied } from '../../../domain/errors.js';
import type { DeletionPolicy } from '../../../domain/lifecycle/deletion-policy.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { BlobIndex } from '../../ports/metadata/blob-index.js';
import type { Clock } from '../../ports/system/clock.js';
import type { RequestContext } from '../../request-context.js';
import type { EventAnnouncer } from '../../services/event-announcer.js';
import type { NamePublisher } from '../../services/name-publisher.js';

/** Takes a blob out of a repository (OCI end-10); other repositories keep it. */
export class DeleteBlob {
  readonly #blobs: BlobIndex;
  readonly #names: NamePublisher;
  readonly #clock: Clock;
  readonly #policy: DeletionPolicy;
  readonly #announcer: EventAnnouncer;

  constructor(
    blobs: BlobIndex,
    names: NamePublisher,
    clock: Clock,
    policy: DeletionPolicy,
    announcer: EventAnnouncer,
  ) {
    this.#blobs = blobs;
    this.#names = names;
    this.#clock = clock;
    this.#policy = policy;
    this.#announcer = announcer;
  }

  /** @throws Unsupported, BlobUnknown, Denied naming the manifests that reference it */
  async execute(
    request: { repository: RepositoryName; digest: Digest },
    context: RequestContext,
  ): Promise<void> {
    this.#policy.assertAllowed();
    const { repository, digest } = request;
    const events = this.#announcer.blobDeleted(repository, digest, context);
    const outcome = await this.#blobs.unlink(repository, digest, this.#clock.now(), events);
    switch (outcome.kind) {
      case 'unknown':
        throw new BlobUnknown(digest.toString());
      case 'referenced':
        throw new Denied('manifests of the repository reference the blob; delete them first', {
          digest: digest.toString(),
          manifests: outcome.manifests.map(String),
        });
      case 'unlinked':
        await this.#names.publish(outcome.changes);
    }
  }
}

import type { Digest } from '../../../domain/content/digest.js';
import { Denied } from '../../../domain/errors.js';
import type { DeletionPolicy } from '../../../domain/lifecycle/deletion-policy.js';
import { ManifestUnknown } from '../../../domain/manifest/manifest-errors.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { ManifestIndex } from '../../ports/metadata/manifest-index.js';
import type { Clock } from '../../ports/system/clock.js';
import type { RequestContext } from '../../request-context.js';
import type { EventAnnouncer } from '../../services/event-announcer.js';
import type { NamePublisher } from '../../services/name-publisher.js';

/** Deletes a manifest by digest, and with it the tags that point at it (OCI end-9). */
export class DeleteManifest {
  readonly #manifests: ManifestIndex;
  readonly #names: NamePublisher;
  readonly #clock: Clock;
  readonly #policy: DeletionPolicy;
  readonly #announcer: EventAnnouncer;

  constructor(
    manifests: ManifestIndex,
    names: NamePublisher,
    clock: Clock,
    policy: DeletionPolicy,
    announcer: EventAnnouncer,
  ) {
    this.#manifests = manifests;
    this.#names = names;
    this.#clock = clock;
    this.#policy = policy;
    this.#announcer = announcer;
  }

  /** @throws Unsupported, ManifestUnknown, Denied naming the indexes that list it */
  async execute(
    request: { repository: RepositoryName; digest: Digest },
    context: RequestContext,
  ): Promise<void> {
    this.#policy.assertAllowed();
    const { repository, digest } = request;
    const tell = this.#announcer.manifestDeleted(repository, digest, context);
    const outcome = await this.#manifests.delete(repository, digest, this.#clock.now(), tell);
    switch (outcome.kind) {
      case 'unknown':
        throw new ManifestUnknown(repository.toString(), digest.toString());
      case 'listed':
        throw new Denied('indexes of the repository list the manifest; delete them first', {
          digest: digest.toString(),
          indexes: outcome.indexes.map(String),
        });
      case 'deleted':
        await this.#names.publish(outcome.changes);
    }
  }
}

import type { DeletionPolicy } from '../../../domain/lifecycle/deletion-policy.js';
import { ManifestUnknown } from '../../../domain/manifest/manifest-errors.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagName } from '../../../domain/tag/tag-name.js';
import type { TagIndex } from '../../ports/metadata/tag-index.js';
import type { Clock } from '../../ports/system/clock.js';
import type { RequestContext } from '../../request-context.js';
import type { EventAnnouncer } from '../../services/event-announcer.js';
import type { NamePublisher } from '../../services/name-publisher.js';

/** Deletes a tag; its manifest stays (OCI end-9). */
export class DeleteTag {
  readonly #tags: TagIndex;
  readonly #names: NamePublisher;
  readonly #clock: Clock;
  readonly #policy: DeletionPolicy;
  readonly #announcer: EventAnnouncer;

  constructor(
    tags: TagIndex,
    names: NamePublisher,
    clock: Clock,
    policy: DeletionPolicy,
    announcer: EventAnnouncer,
  ) {
    this.#tags = tags;
    this.#names = names;
    this.#clock = clock;
    this.#policy = policy;
    this.#announcer = announcer;
  }

  /** @throws Unsupported, ManifestUnknown */
  async execute(
    request: { repository: RepositoryName; tag: TagName },
    context: RequestContext,
  ): Promise<void> {
    this.#policy.assertAllowed();
    const { repository, tag } = request;
    const events = this.#announcer.tagDeleted(repository, tag, context);
    const changes = await this.#tags.delete(repository, tag, this.#clock.now(), events);
    if (changes === undefined) throw new ManifestUnknown(repository.toString(), tag.toString());
    await this.#names.publish(changes);
  }
}

import { Digest } from '../../../domain/content/digest.js';
import { ManifestBlobUnknown } from '../../../domain/manifest/manifest-errors.js';
import { parseManifest } from '../../../domain/manifest/parse-manifest.js';
import type { Manifest } from '../../../domain/manifest/manifest.js';
import type { Reference } from '../../../domain/manifest/reference.js';
import type { Repository } from '../../../domain/repository/repository.js';
import type { TagName } from '../../../domain/tag/tag-name.js';
import type { ManifestIndex } from '../../ports/metadata/manifest-index.js';
import type { Clock } from '../../ports/system/clock.js';
import type { RequestContext } from '../../request-context.js';
import type { EventAnnouncer } from '../../services/event-announcer.js';
import type { NamePublisher } from '../../services/name-publisher.js';
import { whileCondemned, type FinishesRemovals } from '../../services/while-condemned.js';

export interface PushedManifest {
  readonly manifest: Manifest;
  readonly tags: readonly TagName[];
}

export interface PushRules {
  /** Whether manifests are accepted whose references are missing: `validation.sparse`. */
  readonly sparse: boolean;
}

/** Stores a manifest, byte for byte, and points tags at it (OCI end-7a, end-7b). */
export class PushManifest {
  readonly #manifests: ManifestIndex;
  readonly #names: NamePublisher;
  readonly #removals: FinishesRemovals;
  readonly #clock: Clock;
  readonly #announcer: EventAnnouncer;
  readonly #rules: PushRules;

  /** @param rules read anew for each manifest */
  constructor(
    manifests: ManifestIndex,
    names: NamePublisher,
    removals: FinishesRemovals,
    clock: Clock,
    announcer: EventAnnouncer,
    rules: PushRules,
  ) {
    this.#manifests = manifests;
    this.#names = names;
    this.#removals = removals;
    this.#clock = clock;
    this.#announcer = announcer;
    this.#rules = rules;
  }

  /**
   * When it resolves, manifest and tags survive a power loss.
   * @throws ManifestInvalid, DigestInvalid, TagInvalid, TagsInvalid, ManifestBlobUnknown naming all that is missing
   */
  async execute(
    request: {
      repository: Repository;
      reference: Reference;
      tagParameters: readonly string[];
      contentType: string | undefined;
      bytes: Buffer;
    },
    context: RequestContext,
  ): Promise<PushedManifest> {
    const { repository, reference, bytes, contentType } = request;
    const tags = repository.tagsToMove(reference, request.tagParameters);
    const expected = reference instanceof Digest ? reference : undefined;
    const manifest = parseManifest(bytes, contentType, expected);
    const events = this.#announcer.manifestPushed(repository.name, manifest, tags, context);
    const outcome = await whileCondemned(this.#clock, this.#removals, manifest.digest, () =>
      this.#manifests.put({
        repository: repository.name,
        manifest,
        tags,
        sparse: this.#rules.sparse,
        now: this.#clock.now(),
        events,
      }),
    );
    if (outcome.kind === 'missing') throw new ManifestBlobUnknown(outcome.digests);
    await this.#names.publish(outcome.changes);
    return { manifest, tags };
  }
}

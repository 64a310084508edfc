import type { Blob } from '../../domain/content/blob.js';
import type { Digest } from '../../domain/content/digest.js';
import { MEDIA_TYPES } from '../../domain/content/media-type.js';
import { eventId } from '../../domain/events/event-id.js';
import { eventReferences } from '../../domain/events/event-references.js';
import type {
  EventAction,
  EventSource,
  EventTarget,
  RegistryEvent,
} from '../../domain/events/registry-event.js';
import type { Manifest } from '../../domain/manifest/manifest.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type { TagName } from '../../domain/tag/tag-name.js';
import type { MountedBlob } from '../ports/metadata/blob-index.js';
import type { Clock } from '../ports/system/clock.js';
import type { Random } from '../ports/system/random.js';
import type { RequestContext } from '../request-context.js';
import type { EventSubscriptions } from './event-subscriptions.js';

const NONE: readonly RegistryEvent[] = [];
/** What a delete leaves to be told of content. */
const UNKNOWN = { mediaType: '', size: 0 } as const;

/** Puts into words what requests change: for the outbox, in the order in which the reference registry tells it. */
export class EventAnnouncer {
  readonly #subscriptions: EventSubscriptions;
  readonly #clock: Clock;
  readonly #random: Pick<Random, 'uuid'>;
  readonly #source: EventSource;

  constructor(
    subscriptions: EventSubscriptions,
    clock: Clock,
    random: Pick<Random, 'uuid'>,
    source: EventSource,
  ) {
    this.#subscriptions = subscriptions;
    this.#clock = clock;
    this.#random = random;
    this.#source = source;
  }

  blobPushed(repository: RepositoryName, blob: Blob, context: RequestContext): readonly RegistryEvent[] {
    if (!this.#isWanted('push', MEDIA_TYPES.octetStream)) return NONE;
    return [this.event('push', blobTarget(repository, blob, context), context)];
  }

  /** Undefined when nobody wants it. */
  blobMounted(
    repository: RepositoryName,
    digest: Digest,
    context: RequestContext,
  ): ((mounted: MountedBlob) => readonly RegistryEvent[]) | undefined {
    if (!this.#isWanted('mount', MEDIA_TYPES.octetStream)) return undefined;
    return ({ size, source }) => {
      const target = blobTarget(repository, { digest, size }, context);
      return [this.event('mount', { ...target, fromRepository: source }, context)];
    };
  }

  /** Of one that moves several tags as many as there are tags, as if each had been pushed by itself. */
  manifestPushed(
    repository: RepositoryName,
    manifest: Manifest,
    tags: readonly TagName[],
    context: RequestContext,
  ): readonly RegistryEvent[] {
    if (!this.#isWanted('push', manifest.mediaType)) return NONE;
    const references = this.#subscriptions.includeReferences ? eventReferences(manifest.bytes) : undefined;
    const target = { ...manifestTarget(repository, manifest, context), references };
    const named = tags.length === 0 ? [target] : tags.map((tag) => ({ ...target, tag: tag.toString() }));
    return named.map((each) => this.event('push', each, context));
  }

  blobDeleted(repository: RepositoryName, digest: Digest, context: RequestContext): readonly RegistryEvent[] {
    if (!this.#isWanted('delete', '')) return NONE;
    return [this.#deleted(repository, { digest: digest.toString() }, context)];
  }

  /** The tags that go with it are told too. Undefined when nobody wants it. */
  manifestDeleted(
    repository: RepositoryName,
    digest: Digest,
    context: RequestContext,
  ): ((tags: readonly TagName[]) => readonly RegistryEvent[]) | undefined {
    if (!this.#isWanted('delete', '')) return undefined;
    return (tags) => [
      this.#deleted(repository, { digest: digest.toString() }, context),
      ...tags.map((tag) => this.#deleted(repository, { digest: '', tag: tag.toString() }, context)),
    ];
  }

  tagDeleted(repository: RepositoryName, tag: TagName, context: RequestContext): readonly RegistryEvent[] {
    if (!this.#isWanted('delete', '')) return NONE;
    return [this.#deleted(repository, { digest: '', tag: tag.toString() }, context)];
  }

  event(action: EventAction, target: EventTarget, context: RequestContext): RegistryEvent {
    const { origin, principal } = context;
    const time = this.#clock.now();
    return {
      id: eventId(time, this.#random.uuid()),
      time,
      action,
      target,
      request: origin.request,
      actor: principal.name ?? origin.claimedUser,
      source: this.#source,
    };
  }

  #deleted(
    repository: RepositoryName,
    what: Pick<EventTarget, 'digest' | 'tag'>,
    context: RequestContext,
  ): RegistryEvent {
    return this.event('delete', { repository: repository.toString(), ...UNKNOWN, ...what }, context);
  }

  #isWanted(action: EventAction, mediaType: string): boolean {
    return this.#subscriptions.anybodyWants({ action, mediaType });
  }
}

export function blobTarget(
  repository: RepositoryName,
  { digest, size }: Pick<Blob, 'digest' | 'size'>,
  context: RequestContext,
): EventTarget {
  return targetOf('blobs', repository, { digest, size, mediaType: MEDIA_TYPES.octetStream }, context);
}

export function manifestTarget(
  repository: RepositoryName,
  manifest: Pick<Manifest, 'digest' | 'size' | 'mediaType'>,
  context: RequestContext,
): EventTarget {
  return targetOf('manifests', repository, manifest, context);
}

function targetOf(
  kind: 'blobs' | 'manifests',
  repository: RepositoryName,
  { digest, size, mediaType }: Pick<Manifest, 'digest' | 'size' | 'mediaType'>,
  { origin }: RequestContext,
): EventTarget {
  const url = `${origin.base}/v2/${repository.toString()}/${kind}/${digest.toString()}`;
  return { repository: repository.toString(), mediaType, digest: digest.toString(), size, url };
}

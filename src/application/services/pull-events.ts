import type { Blob } from '../../domain/content/blob.js';
import { MEDIA_TYPES } from '../../domain/content/media-type.js';
import { Digest } from '../../domain/content/digest.js';
import { eventReferences } from '../../domain/events/event-references.js';
import type { RegistryEvent } from '../../domain/events/registry-event.js';
import type { Reference } from '../../domain/manifest/reference.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type { ManifestEntry, ManifestIndex } from '../ports/metadata/manifest-index.js';
import type { Outbox } from '../ports/metadata/outbox.js';
import type { Clock } from '../ports/system/clock.js';
import type { Logger } from '../ports/system/logger.js';
import type { NotificationMetrics } from '../ports/system/notification-metrics.js';
import type { RequestContext } from '../request-context.js';
import { blobTarget, type EventAnnouncer, manifestTarget } from './event-announcer.js';
import type { EventSubscriptions } from './event-subscriptions.js';
import { inGroups } from './in-groups.js';
import { Seldom } from './seldom.js';

/** Pulls that wait to be written; more than these are not told. */
const MOST_WAITING = 10_000;
/** Rows of one transaction, so that it does not hold up requests. */
const AT_ONCE = 200;
const ONE_MINUTE = 60_000;

interface Pull {
  readonly event: RegistryEvent;
  /** Of a manifest; what it references is told when it is written. */
  readonly manifest?: { readonly repository: RepositoryName; readonly digest: Digest };
}

export interface PullEventParts {
  readonly announcer: EventAnnouncer;
  readonly subscriptions: EventSubscriptions;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly manifests: Pick<ManifestIndex, 'load'>;
  readonly metrics: Pick<NotificationMetrics, 'pullsLost'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Notes pulls in memory, and writes them into the outbox in batches: a read never writes. */
export class PullEvents {
  readonly #parts: PullEventParts;
  readonly #seldom: Seldom;
  #waiting: Pull[] = [];
  #flushing: Promise<void> | undefined;

  constructor(parts: PullEventParts) {
    this.#parts = parts;
    this.#seldom = new Seldom(parts.clock, ONE_MINUTE);
  }

  blobPulled(repository: RepositoryName, blob: Blob, context: RequestContext): void {
    const { announcer, subscriptions } = this.#parts;
    if (!subscriptions.anybodyWants({ action: 'pull', mediaType: MEDIA_TYPES.octetStream })) return;
    this.#note({ event: announcer.event('pull', blobTarget(repository, blob, context), context) });
  }

  /** @param reference by which it was asked for */
  manifestPulled(
    repository: RepositoryName,
    reference: Reference,
    entry: ManifestEntry,
    context: RequestContext,
  ): void {
    const { announcer, subscriptions } = this.#parts;
    if (!subscriptions.anybodyWants({ action: 'pull', mediaType: entry.mediaType })) return;
    const target = manifestTarget(repository, entry, context);
    const named = reference instanceof Digest ? target : { ...target, tag: reference.toString() };
    const event = announcer.event('pull', named, context);
    this.#note({ event, manifest: { repository, digest: entry.digest } });
  }

  /** Writes what was noted. Never rejects for a fault of the database: then it is written later. */
  async flush(): Promise<void> {
    await this.#flushing;
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  async #flushAll(): Promise<void> {
    const pulls = this.#waiting;
    if (pulls.length === 0) return;
    this.#waiting = [];
    let written = 0;
    try {
      for (const group of inGroups(pulls, AT_ONCE)) {
        const events: RegistryEvent[] = [];
        for (const pull of group) events.push(await this.#whole(pull));
        await this.#parts.outbox.append(events);
        written += group.length;
      }
    } catch (error) {
      if (this.#seldom.pass()) {
        this.#parts.logger.error('pulls could not be noted for notifications; they are tried again', {
          error,
        });
      }
      this.#waiting = [...pulls.slice(written), ...this.#waiting];
      this.#lose(this.#waiting.splice(MOST_WAITING).length);
    }
  }

  async #whole({ event, manifest }: Pull): Promise<RegistryEvent> {
    const { manifests, subscriptions } = this.#parts;
    if (manifest === undefined || !subscriptions.includeReferences) return event;
    const stored = await manifests.load(manifest.repository, manifest.digest);
    if (stored === undefined) return event;
    return { ...event, target: { ...event.target, references: eventReferences(stored.bytes) } };
  }

  #note(pull: Pull): void {
    if (this.#waiting.length >= MOST_WAITING) this.#lose(1);
    else this.#waiting.push(pull);
  }

  #lose(pulls: number): void {
    if (pulls === 0) return;
    const { metrics, logger } = this.#parts;
    metrics.pullsLost(pulls);
    if (this.#seldom.pass()) logger.warn('too many pulls at once: some are not told to endpoints');
  }
}

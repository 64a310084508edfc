import type { Blob } from '../../domain/content/blob.js';
import { MEDIA_TYPES } from '../../domain/content/media-type.js';
import { Digest } from '../../domain/content/digest.js';
import { eventReferences } from '../../domain/events/event-references.js';
import type { EventReference, RegistryEvent } from '../../domain/events/registry-event.js';
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

/** Pulls that wait to be written, and about how many bytes they take; more than these are not told. */
const MOST_WAITING = 10_000;
const MOST_BYTES = 32 * 1024 * 1024;
/** What one takes without what it references. */
const PLAIN_BYTES = 1_024;
/** Rows of one transaction, so that it does not hold up requests. */
const AT_ONCE = 200;
const ONE_MINUTE = 60_000;

interface Pull {
  readonly event: RegistryEvent;
  readonly bytes: number;
}

export interface PullEventParts {
  readonly announcer: EventAnnouncer;
  readonly subscriptions: EventSubscriptions;
  readonly outbox: Pick<Outbox, 'append' | 'end'>;
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
  #bytes = 0;
  #flushing: Promise<void> | undefined;

  constructor(parts: PullEventParts) {
    this.#parts = parts;
    this.#seldom = new Seldom(parts.clock, ONE_MINUTE);
  }

  blobPulled(repository: RepositoryName, blob: Blob, context: RequestContext): void {
    const { announcer, subscriptions } = this.#parts;
    if (!subscriptions.anybodyWants({ action: 'pull', mediaType: MEDIA_TYPES.octetStream })) return;
    const event = announcer.event('pull', blobTarget(repository, blob, context), context);
    this.#note({ event, bytes: PLAIN_BYTES });
  }

  /**
   * What the manifest references is read at once: it may be deleted before the pull is written.
   * @param reference by which it was asked for
   */
  async manifestPulled(
    repository: RepositoryName,
    reference: Reference,
    entry: ManifestEntry,
    context: RequestContext,
  ): Promise<void> {
    const { announcer, subscriptions } = this.#parts;
    if (!subscriptions.anybodyWants({ action: 'pull', mediaType: entry.mediaType })) return;
    const { includeReferences } = subscriptions;
    const tag = reference instanceof Digest ? undefined : reference.toString();
    const references = includeReferences ? await this.#references(repository, entry.digest) : undefined;
    const target = { ...manifestTarget(repository, entry, context), tag, references };
    const event = announcer.event('pull', target, context);
    this.#note({ event, bytes: PLAIN_BYTES + (includeReferences ? entry.size : 0) });
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
    this.#bytes = 0;
    let written = 0;
    try {
      if (this.#isCrowded()) {
        this.#lose(pulls.length);
        return;
      }
      for (const group of inGroups(pulls, AT_ONCE)) {
        await this.#parts.outbox.append(group.map(({ event }) => event));
        written += group.length;
      }
    } catch (error) {
      if (this.#seldom.pass()) {
        this.#parts.logger.error('pulls could not be noted for notifications; they are tried again', {
          error,
        });
      }
      const since = this.#waiting;
      [this.#waiting, this.#bytes] = [[], 0];
      for (const pull of [...pulls.slice(written), ...since]) this.#note(pull);
    }
  }

  async #references(
    repository: RepositoryName,
    digest: Digest,
  ): Promise<readonly EventReference[] | undefined> {
    const { manifests, logger } = this.#parts;
    try {
      const stored = await manifests.load(repository, digest);
      return stored && eventReferences(stored.bytes);
    } catch (error) {
      // The answer has gone, and was right.
      if (this.#seldom.pass()) {
        logger.error('what a pulled manifest references could not be read for notifications', { error });
      }
      return undefined;
    }
  }

  #note(pull: Pull): void {
    if (this.#waiting.length < MOST_WAITING && this.#bytes + pull.bytes <= MOST_BYTES) {
      this.#waiting.push(pull);
      this.#bytes += pull.bytes;
      return;
    }
    this.#lose(1);
  }

  /** Where endpoints are slower than pulls come, these must not push out what tells of changes. */
  #isCrowded(): boolean {
    const { outbox, subscriptions } = this.#parts;
    const { newest, oldest } = outbox.end();
    return oldest !== undefined && newest - oldest.id >= subscriptions.maxEvents / 2;
  }

  #lose(pulls: number): void {
    const { metrics, logger } = this.#parts;
    metrics.pullsLost(pulls);
    if (this.#seldom.pass()) logger.warn('too many pulls: some are not told to endpoints');
  }
}

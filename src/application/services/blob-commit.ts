import type { Blob } from '../../domain/content/blob.js';
import { Unavailable } from '../../domain/errors.js';
import type { RegistryEvent } from '../../domain/events/registry-event.js';
import { UploadUnknown } from '../../domain/upload/upload-errors.js';
import type { BlobIndex, BlobPush } from '../ports/metadata/blob-index.js';
import type { BlobStore } from '../ports/storage/blob-store.js';
import type { StagedFile } from '../ports/storage/upload-store.js';
import type { Clock } from '../ports/system/clock.js';
import type { RequestContext } from '../request-context.js';
import type { EventAnnouncer } from './event-announcer.js';
import type { NamePublisher } from './name-publisher.js';
import { whileCondemned, type FinishesRemovals } from './while-condemned.js';

/** A verified blob, and where its bytes are: in memory, or flushed in the staged file of its session. */
export interface VerifiedUpload extends Omit<BlobPush, 'now' | 'events'> {
  readonly bytes: Uint8Array | StagedFile;
}

/** Makes verified bytes a blob of a repository: reserve, place, commit, publish. */
export class BlobCommit {
  readonly #index: BlobIndex;
  readonly #store: BlobStore;
  readonly #names: NamePublisher;
  readonly #removals: FinishesRemovals;
  readonly #clock: Clock;
  readonly #announcer: EventAnnouncer;
  readonly #mayWait: boolean;

  /** @param mayWait whether the database keeps small blobs until the storage has them: where a file has to be synced */
  constructor(
    index: BlobIndex,
    store: BlobStore,
    names: NamePublisher,
    removals: FinishesRemovals,
    clock: Clock,
    announcer: EventAnnouncer,
    mayWait: boolean,
  ) {
    this.#index = index;
    this.#store = store;
    this.#names = names;
    this.#removals = removals;
    this.#clock = clock;
    this.#announcer = announcer;
    this.#mayWait = mayWait;
  }

  /**
   * When it resolves the blob survives a power loss.
   * @throws Unavailable when the reservation ran out, UploadUnknown when the bytes are gone; the client pushes again
   */
  async commit(upload: VerifiedUpload, context: RequestContext): Promise<void> {
    const { bytes } = upload;
    const events = this.#announcer.blobPushed(upload.repository, upload.blob, context);
    if (bytes instanceof Uint8Array && this.#mayWait && !this.#names.isRefused)
      await this.#keep(upload, bytes, events);
    else await this.#placeAndCommit(upload, events);
  }

  /** In one transaction; what publishes it writes the bytes too, and its flush makes them durable. */
  async #keep(upload: VerifiedUpload, bytes: Uint8Array, events: readonly RegistryEvent[]): Promise<void> {
    const { repository, upload: session, blob } = upload;
    const outcome = await whileCondemned(this.#clock, this.#removals, blob.digest, () =>
      this.#index.store({ repository, upload: session, blob, events, now: this.#clock.now() }, bytes),
    );
    if (outcome.kind === 'adopted') await this.#heal(upload);
    await this.#names.publish(outcome.changes);
  }

  async #placeAndCommit(upload: VerifiedUpload, events: readonly RegistryEvent[]): Promise<void> {
    // Of each transaction: waiting and placing may take longer than the grace that counts from it.
    const push = (): BlobPush => ({ ...upload, events, now: this.#clock.now() });
    const reservation = await whileCondemned(this.#clock, this.#removals, upload.blob.digest, () =>
      this.#index.reserve(push()),
    );
    if (reservation.kind === 'reserved') {
      await this.#place(upload);
      const changes = await this.#index.commit(push(), reservation.contentId);
      if (changes === undefined) {
        throw new Unavailable('the push took too long to be kept; push the blob again');
      }
      await this.#names.publish(changes);
    } else {
      await this.#heal(upload);
      await this.#names.publish(reservation.changes);
    }
  }

  async #place({ bytes, blob, upload }: VerifiedUpload): Promise<void> {
    const placed = await this.#put(bytes, blob);
    if (placed) return;
    // The staged file is gone: an attempt that was killed between its move and its commit has placed it.
    const there = await this.#store.verify(blob.digest, blob.size, new AbortController().signal);
    if (!there) throw new UploadUnknown(upload?.toString() ?? '');
  }

  /** What the rows call present was verified once; a file that has since been lost or cut is put back by this push. */
  async #heal({ bytes, blob }: VerifiedUpload): Promise<void> {
    const size = await this.#store.size(blob.digest);
    if (size !== blob.size) await this.#put(bytes, blob);
  }

  /** False when the staged file is gone. */
  async #put(bytes: Uint8Array | StagedFile, { digest }: Blob): Promise<boolean> {
    if (!(bytes instanceof Uint8Array)) return this.#store.place(bytes, digest);
    await this.#store.put(digest, bytes);
    return true;
  }
}

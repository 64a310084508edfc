import type { UploadSession } from '../../../domain/upload/upload-session.js';
import type { UploadSessions } from '../../ports/metadata/upload-sessions.js';
import type { UploadStore } from '../../ports/storage/upload-store.js';
import type { Clock } from '../../ports/system/clock.js';

/** A completed session is remembered for so long (ms), for a closing request whose answer was lost. */
const REMEMBERED = 3_600_000;
const BATCH = 100;

/**
 * Removes what ended sessions leave behind: the rows of completed ones after an hour, and of cancelled ones at once,
 * with the folders that a crash kept from being removed.
 */
export class ForgetSettledUploads {
  readonly #sessions: UploadSessions;
  readonly #uploads: UploadStore;
  readonly #clock: Clock;

  constructor(sessions: UploadSessions, uploads: UploadStore, clock: Clock) {
    this.#sessions = sessions;
    this.#uploads = uploads;
    this.#clock = clock;
  }

  /** How many sessions were forgotten. */
  async execute(): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const settled = await this.#sessions.settled(this.#clock.now() - REMEMBERED, BATCH);
      for (const session of settled) await this.#forget(session);
      forgotten += settled.length;
      if (settled.length < BATCH) return forgotten;
    }
  }

  /** The folder first: without its row nobody would know of it. */
  async #forget({ repository, id }: UploadSession): Promise<void> {
    await this.#uploads.remove(repository, id);
    await this.#sessions.forget(id);
  }
}

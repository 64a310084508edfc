import { REMEMBERED, type UploadSession } from '../../../domain/upload/upload-session.js';
import type { ListedUpload, UploadSessions } from '../../ports/metadata/upload-sessions.js';
import type { UploadStore } from '../../ports/storage/upload-store.js';
import type { Clock } from '../../ports/system/clock.js';
import type { Logger } from '../../ports/system/logger.js';

const BATCH = 100;
/** How many sessions whose files cannot be removed are logged one by one in a run. */
const NAMED = 10;

/**
 * Removes what ended sessions leave behind: the folders that a crash kept from being removed, and the rows of completed
 * ones after an hour, of cancelled and purged ones when they began an hour ago.
 */
export class ForgetSettledUploads {
  readonly #sessions: UploadSessions;
  readonly #uploads: UploadStore;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(sessions: UploadSessions, uploads: UploadStore, clock: Clock, logger: Logger) {
    this.#sessions = sessions;
    this.#uploads = uploads;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Once `stop` is aborted it ends early, and the next run goes on. A session whose files cannot be removed keeps its row,
   * which brings it back in the next run, and holds up no other.
   * @returns how many sessions were forgotten
   */
  async execute(stop?: AbortSignal): Promise<number> {
    let [forgotten, failed] = [0, 0];
    for await (const { session } of this.#settled(this.#clock.now() - REMEMBERED)) {
      if (stop?.aborted === true) break;
      const outcome = await this.#forget(session, failed < NAMED);
      if (outcome === 'forgotten') forgotten += 1;
      if (outcome === 'failed') failed += 1;
    }
    if (failed > NAMED) this.#logger.warn('staged uploads could not be removed yet', { sessions: failed });
    return forgotten;
  }

  async *#settled(completedBefore: number): AsyncGenerator<ListedUpload> {
    let after: ListedUpload | undefined;
    do {
      const page = await this.#sessions.settled(completedBefore, { after, limit: BATCH });
      yield* page;
      after = page.length < BATCH ? undefined : page.at(-1);
    } while (after !== undefined);
  }

  /** The folder first: without its row nobody would know of it. */
  async #forget(
    { repository, id }: UploadSession,
    isNamed: boolean,
  ): Promise<'forgotten' | 'kept' | 'failed'> {
    try {
      await this.#uploads.remove(repository, id);
    } catch (error) {
      const upload = { repository: repository.toString(), upload: id.toString() };
      if (isNamed) this.#logger.warn('staged upload could not be removed yet', { ...upload, error });
      return 'failed';
    }
    return (await this.#sessions.forget(id)) ? 'forgotten' : 'kept';
  }
}

import type { ListedUpload, UploadSessions } from '../../ports/metadata/upload-sessions.js';
import type { Clock } from '../../ports/system/clock.js';
import type { Logger } from '../../ports/system/logger.js';
import type { ForgetSettledUploads } from './forget-settled-uploads.js';

const BATCH = 100;

/** Read anew whenever it is asked for. */
export interface PurgePolicy {
  /** How long nothing must have been written to a session (ms). */
  readonly age: number;
  /** Say what would be ended, and end nothing. */
  readonly dryrun: boolean;
}

export interface Purged {
  readonly sessions: number;
  /** Those that the sessions had kept. */
  readonly bytes: number;
}

/**
 * Ends upload sessions that nobody goes on with. A request that is writing keeps its session, however long it takes, and
 * one that comes before the end is recorded keeps it too; afterwards the session is unknown. Folders of which there is
 * no row are not looked for.
 */
export class PurgeUploads {
  readonly #sessions: UploadSessions;
  readonly #settled: ForgetSettledUploads;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #policy: PurgePolicy;

  constructor(
    sessions: UploadSessions,
    settled: ForgetSettledUploads,
    clock: Clock,
    logger: Logger,
    policy: PurgePolicy,
  ) {
    this.#sessions = sessions;
    this.#settled = settled;
    this.#clock = clock;
    this.#logger = logger;
    this.#policy = policy;
  }

  /**
   * Rows first, then files: files that cannot be removed are left to the next run of ForgetSettledUploads.
   * @param stop once it is aborted, the rest is left to the next run
   * @returns what was ended, or in a dry run what would be
   */
  async execute(stop?: AbortSignal): Promise<Purged> {
    const { age, dryrun } = this.#policy;
    const before = this.#clock.now() - age;
    const purged = { sessions: 0, bytes: 0 };
    try {
      for await (const upload of this.#abandoned(before)) {
        if (stop?.aborted === true) break;
        if (!(await this.#end(upload, before))) continue;
        purged.sessions += 1;
        purged.bytes += upload.session.offset;
      }
    } finally {
      // Also when the database fails half-way: what is ended stays ended.
      this.#tell(purged);
    }
    if (!dryrun && purged.sessions > 0) await this.#settled.execute(stop);
    return purged;
  }

  async *#abandoned(before: number): AsyncGenerator<ListedUpload> {
    let after: ListedUpload | undefined;
    do {
      const page = await this.#sessions.abandoned(before, { after, limit: BATCH });
      yield* page;
      after = page.length < BATCH ? undefined : page.at(-1);
    } while (after !== undefined);
  }

  /** False when somebody has gone on with it meanwhile. */
  async #end({ session, touchedAt }: ListedUpload, before: number): Promise<boolean> {
    const { id, repository, offset } = session;
    const { dryrun } = this.#policy;
    const ended = dryrun || (await this.#sessions.purge(id, before, this.#clock.now()));
    if (!ended) return false;
    const fields = {
      repository: repository.toString(),
      upload: id.toString(),
      bytes: offset,
      touched: new Date(touchedAt).toISOString(),
    };
    if (dryrun) this.#logger.info('abandoned upload would be ended', fields);
    else this.#logger.debug('abandoned upload was ended', fields);
    return true;
  }

  #tell({ sessions, bytes }: Purged): void {
    if (sessions === 0) return;
    const message = this.#policy.dryrun ? 'abandoned uploads would be ended' : 'abandoned uploads were ended';
    this.#logger.info(message, { sessions, bytes });
  }
}

import type { Clock } from '../../../application/ports/system/clock.js';
import type { Logger } from '../../../application/ports/system/logger.js';
import { PacedLook } from '../paced-look.js';
import type { BcryptHash } from './bcrypt-hash.js';
import { PasswordFileRefused } from '../../../application/ports/security/password-file.js';
import { readHtpasswd, type ReadHtpasswd, isChanged } from './read-htpasswd.js';

/** How often (ms) the file is looked at, at most. */
const LOOK_AGAIN = 1_000;

/**
 * The users of a file, which is read again when it has changed. While it can not be used the users that were read before
 * stay in force.
 */
export class HtpasswdUsers {
  readonly #path: string;
  readonly #logger: Logger;
  #content: ReadHtpasswd;
  /** Why the file can not be used now. */
  #complaint: string | undefined;
  readonly #pace: PacedLook;

  private constructor(path: string, content: ReadHtpasswd, clock: Pick<Clock, 'now'>, logger: Logger) {
    this.#path = path;
    this.#content = content;
    this.#logger = logger;
    this.#pace = new PacedLook(() => this.#look(), clock, clock.now());
    this.#tellDoubts();
  }

  /** @throws PasswordFileRefused */
  static async open(path: string, clock: Pick<Clock, 'now'>, logger: Logger): Promise<HtpasswdUsers> {
    return new HtpasswdUsers(path, await readHtpasswd(path), clock, logger);
  }

  /** By name. Before they are asked for, `fresh`. */
  get all(): ReadonlyMap<string, BcryptHash> {
    return this.#content.users;
  }

  /** A look at the file, when one is due; undefined when none is. */
  fresh(): Promise<void> | undefined {
    return this.#pace.unlessWithin(LOOK_AGAIN);
  }

  async #look(): Promise<void> {
    try {
      if (!(await isChanged(this.#path, this.#content.state)) && this.#complaint === undefined) return;
      this.#content = await readHtpasswd(this.#path);
    } catch (error) {
      if (!(error instanceof PasswordFileRefused)) throw error;
      // It is read again at each look until it can be, and told once.
      if (this.#complaint !== error.message) {
        this.#logger.error(`the users that were read before stay in force: ${error.message}`);
      }
      this.#complaint = error.message;
      return;
    }
    this.#complaint = undefined;
    const { users } = this.#content;
    this.#logger.info('the file of users was read again', { file: this.#path, users: users.size });
    this.#tellDoubts();
  }

  #tellDoubts(): void {
    for (const { sentence } of this.#content.doubts) this.#logger.warn(`${this.#path}, ${sentence}`);
  }
}

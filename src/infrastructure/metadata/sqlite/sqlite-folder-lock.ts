import { FolderInUse } from '../../../application/ports/system/folder-in-use.js';
import type { FolderLock } from '../../../application/ports/system/folder-lock.js';
import type { ProcessDescription } from '../../system/process-description.js';
import { acquireExclusive, acquireShared, acquireSharedReadOnly, type HeldLock } from './lock-file.js';

/** Who uses the folder, for the message. */
type Users = { others(): readonly ProcessDescription[] };

/** The lock file, and what it locks as a sentence calls it: `the folder /srv/registry`. */
export interface LockPlace {
  readonly path: string;
  readonly of: string;
}

/** The lock of a folder, as a lock file in it; of a bucket, as one beside its database. */
export class SqliteFolderLock implements FolderLock {
  readonly #of: string;
  readonly #path: string;
  readonly #users: Users;
  readonly #writable: boolean;
  #lock: HeldLock | undefined;

  /**
   * @param writable false when nothing can be made in it: it is then locked as far as somebody else has made the file
   */
  constructor({ path, of }: LockPlace, users: Users, writable: boolean) {
    this.#of = of;
    this.#path = path;
    this.#users = users;
    this.#writable = writable;
  }

  acquire(how: 'shared' | 'alone', reason?: string): void {
    const lock = this.#take(how);
    if (lock === undefined) throw this.#inUse(reason);
    this.#lock = lock === 'absent' ? undefined : lock;
  }

  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  #take(how: 'shared' | 'alone'): HeldLock | 'absent' | undefined {
    if (!this.#writable) return acquireSharedReadOnly(this.#path);
    return how === 'shared' ? acquireShared(this.#path) : acquireExclusive(this.#path);
  }

  #inUse(reason: string | undefined): FolderInUse {
    const [user] = this.#users.others();
    const because = reason === undefined ? '' : `: ${reason}`;
    return new FolderInUse(`${this.#of} is in use by ${describe(user)}; stop it first${because}`);
  }
}

function describe(user: ProcessDescription | undefined): string {
  if (user === undefined) return 'another process';
  const since = new Date(user.startedAt).toISOString().replace(/\.\d+/, '');
  return `\`${user.command}\` on host ${user.host} since ${since}, process ${user.pid}`;
}

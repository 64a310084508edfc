import { fdatasync as fdatasyncOf, fstatSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { DurabilityBarrier } from '../../../application/ports/metadata/durability-barrier.js';
import { MetadataUnavailable } from '../../../application/ports/metadata/metadata-unavailable.js';
import { GroupSync } from '../../durability/group-sync.js';
import type { OnFatal } from './sqlite-database.js';
import { SyncCounts } from './sync-counts.js';

/** Of a plain descriptor: a FileHandle's own costs a fifth more. */
const fdatasync = promisify(fdatasyncOf);

/**
 * Makes commits durable by an fdatasync of the WAL, off the loop and shared by all who wait. With `synchronous =
 * NORMAL` a commit leaves its frames in the page cache, or a checkpoint has taken them, which syncs on its way.
 *
 * One descriptor is kept for life, since the system reports a lost page once to each descriptor that was open. It is
 * opened for writing, because on overlay file systems a reader may get the file of the lower layer.
 */
export class SqliteDurabilityBarrier implements DurabilityBarrier {
  readonly counts = new SyncCounts();
  readonly #walPath: string;
  readonly #wal: FileHandle;
  readonly #onFatal: OnFatal;
  readonly #group = new GroupSync(() => this.#sync());

  private constructor(walPath: string, wal: FileHandle, onFatal: OnFatal) {
    this.#walPath = walPath;
    this.#wal = wal;
    this.#onFatal = onFatal;
  }

  /**
   * @param walPath of an open database, which has written: the file is there
   * @param onFatal is called once, when it can not be known any more what is durable; it ends the process
   */
  static async open(walPath: string, onFatal: OnFatal): Promise<SqliteDurabilityBarrier> {
    const folder = await open(dirname(walPath), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    return new SqliteDurabilityBarrier(walPath, await open(walPath, 'r+'), onFatal);
  }

  async wait(): Promise<void> {
    this.counts.waits += 1;
    this.counts.waiting += 1;
    try {
      await this.#group.run();
    } catch (error) {
      throw new MetadataUnavailable('the metadata database could not be made durable', 30, error);
    } finally {
      this.counts.waiting -= 1;
    }
  }

  /** When no request waits any more. */
  async close(): Promise<void> {
    await this.#wal.close();
  }

  async #sync(): Promise<void> {
    const beganAt = performance.now();
    try {
      await fdatasync(this.#wal.fd);
      this.#assertInPlace();
    } catch (error) {
      this.#onFatal('the metadata database could not be made durable', error);
      throw error;
    } finally {
      this.counts.seconds.observe(0, (performance.now() - beganAt) / 1000);
    }
  }

  /**
   * Somebody who deleted or replaced the file left us a descriptor that syncs without an error what nobody will ever
   * read. Looked at after the sync: what was committed before it is then in the file that is still there.
   */
  #assertInPlace(): void {
    const ours = fstatSync(this.#wal.fd);
    const there = statSync(this.#walPath, { throwIfNoEntry: false });
    if (ours.nlink === 0 || there?.ino !== ours.ino || there.dev !== ours.dev) {
      throw new Error(`${this.#walPath} was deleted or replaced while the registry ran`);
    }
  }
}

import type { UploadSessions } from '../ports/metadata/upload-sessions.js';
import type { TreeInventory } from '../ports/storage/tree-inventory.js';
import type { UploadStore } from '../ports/storage/upload-store.js';
import type { OrphanRun } from './orphan-run.js';

/**
 * Removes folders of uploads that no row knows: the reference registry's, which purges them by the same age, or what a
 * crash has left. A row is there before any file of an upload, and outlives them.
 */
export class LooseUploads {
  readonly #inventory: TreeInventory;
  readonly #sessions: UploadSessions;
  readonly #uploads: UploadStore;

  constructor(inventory: TreeInventory, sessions: UploadSessions, uploads: UploadStore) {
    this.#inventory = inventory;
    this.#sessions = sessions;
    this.#uploads = uploads;
  }

  /** @param age ms since an upload began and was last written to, under which it stays */
  async remove(age: number, { now, dryRun, tally, signal }: OrphanRun): Promise<void> {
    for await (const found of this.#inventory.uploads(signal)) {
      if (found.kind === 'damaged') {
        tally.damaged.put(found.damage);
        continue;
      }
      const { repository, id, size, lastActiveAt } = found.value;
      if (await this.#sessions.isKnown(id)) continue;
      if (lastActiveAt >= now - age) tally.youngUploads.add(size);
      else {
        if (!dryRun) await this.#uploads.remove(repository, id);
        tally.uploads.add(size);
      }
    }
  }
}

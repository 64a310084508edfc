import type { NameJournal } from '../ports/metadata/name-journal.js';
import type { LinkStore, WrittenLink } from '../ports/storage/link-store.js';
import { StorageFault } from '../ports/storage/storage-fault.js';
import type { NamedDifference } from './index-difference.js';
import type { NameRepair } from './name-repair.js';
import { writeLatestLink } from './write-latest-link.js';

/** Links that are flushed at once. */
const BATCH = 1_000;

/** Writes link files, and the copies of manifests, from the database. A registry may serve meanwhile. */
export class TreeRepair implements NameRepair {
  readonly #journal: NameJournal;
  readonly #links: LinkStore;
  #unflushed: WrittenLink[] = [];

  constructor(journal: NameJournal, links: LinkStore) {
    this.#journal = journal;
    this.#links = links;
  }

  async settle({ name }: NamedDifference): Promise<string | undefined> {
    try {
      const value = await writeLatestLink(this.#journal, this.#links, name);
      this.#unflushed.push({ name, value: value && { target: value.target } });
    } catch (error) {
      if (error instanceof StorageFault) return `the storage refuses it: ${error.message}`;
      throw error;
    }
    if (this.#unflushed.length >= BATCH) await this.flush();
    return undefined;
  }

  /** The link goes because the database has no such name; if it has one by now, that is written. */
  remove(difference: NamedDifference): Promise<string | undefined> {
    return this.settle(difference);
  }

  async flush(): Promise<void> {
    const links = this.#unflushed;
    this.#unflushed = [];
    await this.#links.flush(links);
  }
}

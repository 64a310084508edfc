import type { DurabilityBarrier } from '../ports/metadata/durability-barrier.js';
import type { NameJournal } from '../ports/metadata/name-journal.js';
import type { LinkStore, WrittenLink } from '../ports/storage/link-store.js';
import { StorageFault } from '../ports/storage/storage-fault.js';
import type { NamedDifference } from './index-difference.js';
import { LinkWriter } from './link-writer.js';
import type { NameRepair } from './name-repair.js';

/** Links that are flushed at once. */
const BATCH = 1_000;

/** Writes link files, and the copies of manifests, from the database. A registry may serve meanwhile. */
export class TreeRepair implements NameRepair {
  readonly #links: LinkStore;
  readonly #writer: LinkWriter;
  #unflushed: WrittenLink[] = [];

  constructor(journal: NameJournal, links: LinkStore, barrier: DurabilityBarrier) {
    this.#links = links;
    this.#writer = new LinkWriter(journal, links, barrier);
  }

  async settle({ name }: NamedDifference): Promise<string | undefined> {
    try {
      const { value } = await this.#writer.writeLatest(name);
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

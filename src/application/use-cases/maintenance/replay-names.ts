import type { Digest } from '../../../domain/content/digest.js';
import { keyOfName, type LinkedName } from '../../../domain/repository/linked-name.js';
import type { AbandonedChange, NameJournal } from '../../ports/metadata/name-journal.js';
import type { LinkStore } from '../../ports/storage/link-store.js';
import { StorageFault } from '../../ports/storage/storage-fault.js';
import type { Instances } from '../../ports/system/instances.js';
import type { NamePublisher } from '../../services/name-publisher.js';

const PAGE = 1_000;

export interface ReplayReport {
  /** Names whose links were written. */
  readonly written: number;
  /** Links that the storage has refused; they are tried again. */
  readonly left: number;
  /** Names to which somebody else has given another value meanwhile: theirs stands. */
  readonly changedElsewhere: readonly LinkedName[];
}

/** Writes the links of changes that a process did not live to write, or to make durable. */
export class ReplayNames {
  readonly #journal: NameJournal;
  readonly #links: LinkStore;
  readonly #names: NamePublisher;
  readonly #instances: Instances;

  constructor(journal: NameJournal, links: LinkStore, names: NamePublisher, instances: Instances) {
    this.#journal = journal;
    this.#links = links;
    this.#names = names;
    this.#instances = instances;
  }

  /** Costs next to nothing while no process has ended. Those that have are forgotten afterwards. */
  async execute(): Promise<ReplayReport> {
    const ended = this.#instances.deadOnes();
    const report = await this.#replay();
    for (const id of ended) this.#instances.forget(id);
    return report;
  }

  async #replay(): Promise<ReplayReport> {
    const changedElsewhere: LinkedName[] = [];
    let written = 0;
    for (const changes of byName(await this.#abandoned())) {
      const overtaken = await this.#isOvertaken(changes);
      for (const change of changes) {
        if (overtaken) await this.#journal.forget([change.id]);
        else await this.#names.write(change);
      }
      const [first] = changes;
      if (!overtaken) written += 1;
      else if (first !== undefined) changedElsewhere.push(first.name);
    }
    await this.#names.flush();
    return { written, left: this.#names.pending, changedElsewhere };
  }

  async #abandoned(): Promise<readonly AbandonedChange[]> {
    const all: AbandonedChange[] = [];
    for (;;) {
      const page = await this.#journal.abandoned(all.at(-1)?.id ?? 0, PAGE);
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }

  /** What can not be read is as good as damaged: writing it anew heals it, or tells what is wrong. */
  async #read(name: LinkedName): Promise<Digest | 'damaged' | undefined> {
    try {
      return await this.#links.read(name);
    } catch (error) {
      if (error instanceof StorageFault) return 'damaged';
      throw error;
    }
  }

  /**
   * Whether the link holds a value that no change of ours has ever given it: then the reference registry has written it
   * while nobody of us ran. A link that was cut off is ours, from before it was flushed.
   */
  async #isOvertaken(changes: readonly AbandonedChange[]): Promise<boolean> {
    const [first] = changes;
    if (first === undefined) return false;
    const found = await this.#read(first.name);
    if (found === 'damaged') return false;
    const value = await this.#journal.value(first.name);
    const ours = [value?.target, ...changes.map(({ replaced }) => replaced)];
    return !ours.some((each) => sameTarget(each, found));
  }
}

function byName(changes: readonly AbandonedChange[]): Iterable<readonly AbandonedChange[]> {
  const groups = new Map<string, AbandonedChange[]>();
  for (const change of changes) {
    const key = keyOfName(change.name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return groups.values();
}

function sameTarget(one: Digest | undefined, other: Digest | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

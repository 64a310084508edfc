import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { DurabilityBarrier } from '../ports/metadata/durability-barrier.js';
import type {
  LinkValue,
  NameChange,
  NameJournal,
  PendingName,
  WaitingBytes,
  WrittenChange,
} from '../ports/metadata/name-journal.js';
import type { LinkStore, WrittenLink } from '../ports/storage/link-store.js';

/** A link that was written, and the row that asked for it. */
export type JournaledLink = WrittenLink & WrittenChange;

/**
 * Makes links say what the database says, and never what a power loss could take back: the next start would take such
 * a link for one that the reference registry has written, and prefer it to what was acknowledged.
 */
export class LinkWriter {
  readonly #journal: NameJournal;
  readonly #links: LinkStore;
  readonly #barrier: DurabilityBarrier;

  constructor(journal: NameJournal, links: LinkStore, barrier: DurabilityBarrier) {
    this.#journal = journal;
    this.#links = links;
    this.#barrier = barrier;
  }

  /**
   * Writes what transactions gave names, in this order, and at once where nothing has changed since.
   * @param changes durable ones
   * @returns what each link says in the end
   */
  async writeGiven(changes: readonly NameChange[]): Promise<readonly JournaledLink[]> {
    const given: { readonly change: NameChange; readonly link: JournaledLink }[] = [];
    for (const change of changes) {
      const waiting = change.waiting ?? (await this.#waitingOf(change.name));
      given.push({ change, link: linkOf(change, change.given, waiting, change.waiting === undefined) });
    }
    const stood = await this.#stoodBefore(changes);
    if (stood) await this.#links.write(given.map(({ link }) => link));
    const written: JournaledLink[] = [];
    for (const { change, link } of given) {
      const stands = stood && (await this.#journal.stands(change));
      written.push(stands ? link : await this.#writeLatest(link));
    }
    return written;
  }

  /**
   * What others have taken away and flushed meanwhile had better not be written: if we were killed then, a replay could
   * not tell it from a link of the reference registry. It can where bytes wait: they stay as long as our row does.
   */
  async #stoodBefore(changes: readonly NameChange[]): Promise<boolean> {
    for (const change of changes) {
      if (change.waiting === undefined && !(await this.#journal.stands(change))) return false;
    }
    return true;
  }

  /** Writes what the database says of a name, with the bytes of a blob that wait. */
  async writePending(pending: PendingName): Promise<JournaledLink> {
    return this.#writeLatest(linkOf(pending, undefined, await this.#waitingOf(pending.name), true));
  }

  /** Writes what the database says of a name. */
  async writeLatest(name: LinkedName): Promise<WrittenLink> {
    return this.#writeLatest<WrittenLink>({ name, value: undefined });
  }

  /**
   * Whoever finds some, as a mount, a replay, or a second attempt does, may find a file as well that others have made
   * durable, or of which a sync has failed: he replaces it by a durable one.
   */
  async #waitingOf(name: LinkedName): Promise<WaitingBytes | undefined> {
    return name.kind === 'layer' ? this.#journal.waiting(name.digest) : undefined;
  }

  /** Looks again after it has written: another process may have written the older of two values over the newer one. */
  async #writeLatest<L extends WrittenLink>(link: L): Promise<L> {
    for (;;) {
      const value = await this.#journal.value(link.name);
      await this.#barrier.wait();
      const latest = { ...link, value };
      await this.#links.write([latest]);
      if (isSame(value, await this.#journal.value(link.name))) return latest;
    }
  }
}

function linkOf(
  { id, name }: PendingName,
  value: LinkValue | undefined,
  waiting: WaitingBytes | undefined,
  durably: boolean,
): JournaledLink {
  return { id, name, value, bytes: waiting?.bytes, durably, placed: waiting?.contentId };
}

function isSame(one: LinkValue | undefined, other: LinkValue | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.target.equals(other.target) && one.manifest?.mediaType === other.manifest?.mediaType;
}

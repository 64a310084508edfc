import type { Digest } from '../../../domain/content/digest.js';
import { keyOfName, type LinkedName } from '../../../domain/repository/linked-name.js';
import type { AbandonedChange, NameJournal } from '../../ports/metadata/name-journal.js';
import type { LinkStore } from '../../ports/storage/link-store.js';
import type { Instances } from '../../ports/system/instances.js';
import type { NamePublisher } from '../../services/name-publisher.js';
import { workAtOnce } from '../../services/work-at-once.js';

/** Names at once: each small blob waits for syncs of its own. */
const AT_ONCE = 16;
const PAGE = 1_000;

export interface ReplayReport {
  /** Names whose links were written. */
  readonly written: number;
  /** Links that the storage has refused; they are tried again. */
  readonly left: number;
  /** Names to which somebody else has given another value meanwhile: theirs stands. */
  readonly changedElsewhere: readonly LinkedName[];
}

/** In their order, at least one. */
type ChangesOfName = readonly [AbandonedChange, ...AbandonedChange[]];

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
    const replay = async (changes: ChangesOfName): Promise<void> => {
      const { name } = changes[0];
      if (await this.#isOvertaken(changes)) {
        await this.#journal.forget(changes.map(({ id }) => ({ id })));
        changedElsewhere.push(name);
      } else {
        for (const change of changes) await this.#names.write(change);
        written += 1;
      }
    };
    await workAtOnce(byName(await this.#abandoned()), AT_ONCE, replay, new AbortController().signal);
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

  /**
   * Whether the link holds a value that no change of ours has ever given it: then the reference registry has written it
   * while nobody of us ran. A link that was cut off is ours, from before it was flushed.
   */
  async #isOvertaken(changes: ChangesOfName): Promise<boolean> {
    const { name } = changes[0];
    const found = await this.#links.read(name);
    if (found === 'damaged') return false;
    if (found === undefined && changes.some((change) => tookAway(change))) return false;
    // A push that was acknowledged: its bytes have to reach the tree, and its link names them.
    if (name.kind === 'layer' && (await this.#journal.waiting(name.digest)) !== undefined) return false;
    const value = await this.#journal.value(name);
    const ours = [value?.target, ...changes.flatMap((change) => valuesOf(change))];
    return !ours.some((each) => sameTarget(each, found));
  }
}

function byName(changes: readonly AbandonedChange[]): Iterable<ChangesOfName> {
  const groups = new Map<string, [AbandonedChange, ...AbandonedChange[]]>();
  for (const change of changes) {
    const key = keyOfName(change.name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return groups.values();
}

/** What the link had by our own doing: a process may have written late what it gave a tag, over a newer value. */
function valuesOf({ name, replaced, given }: AbandonedChange): readonly (Digest | undefined)[] {
  return name.kind === 'tag' ? [replaced, given] : [replaced];
}

/**
 * A blob or manifest has one target only, so a change that replaced it took it away. That process may have removed the
 * link late, when another had made it anew and kept no row of that: what the database has then must not stay without.
 */
function tookAway({ name, replaced }: AbandonedChange): boolean {
  return name.kind !== 'tag' && replaced !== undefined;
}

function sameTarget(one: Digest | undefined, other: Digest | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

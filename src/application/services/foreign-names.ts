import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type { NameJournal } from '../ports/metadata/name-journal.js';
import type { RepositoryNames } from '../ports/storage/repository-names.js';
import type { StoredTree } from '../ports/storage/stored-tree.js';
import type { TreeChanges } from '../ports/storage/tree-changes.js';
import type { Clock } from '../ports/system/clock.js';
import { inGroups } from './in-groups.js';
import { keyOfDifference, type NamedDifference } from './index-difference.js';
import { mapInOrder } from './map-in-order.js';
import type { NameComparison } from './name-comparison.js';
import { namesInTree } from './names-in-tree.js';

/** Names that are asked for between two turns of the event loop. */
const AT_ONCE = 200;
/** Names whose links are read at once. */
const IN_FLIGHT = 64;
/** Looks at a name that seems to be foreign, and how far (ms) they are apart. */
const LOOKS = 4;
const BETWEEN_LOOKS = 300;
/** What was changed less long ago (ms) may change again without showing: the clock of a file system ticks. */
const SLACK = 1_000;
const NONE: Finding = { kind: 'none' };
/** Repositories of which it is remembered that nothing foreign was in them. */
const MOST_REMEMBERED = 10_000;

/**
 * `undecided`: a name is in the tree and not in the database, or points elsewhere, and a change of it by us is still on
 * its way: whether it is only that shows later.
 */
export type Finding =
  { readonly kind: 'none' | 'undecided' } | { readonly kind: 'foreign'; readonly name: LinkedName };

/** Manifests and tags that came; or, which reads each tag, tags that came or were moved. */
export type Sought = 'names' | 'tags';

/**
 * Finds names of a repository that another registry has written into the tree while we run. The times of folders tell
 * only that something has changed, and not who did it: whatever lies beside the last change that was looked at is held
 * against the database. What our own processes have written is in the database, or has its row in the journal.
 */
export class ForeignNames {
  readonly #folders: RepositoryNames;
  readonly #tree: StoredTree;
  readonly #changes: Pick<TreeChanges, 'now'>;
  readonly #journal: NameJournal;
  readonly #comparison: NameComparison;
  readonly #clock: Clock;
  /** When the last change was made with which nothing foreign was found. */
  readonly #clean = new Map<string, number>();

  constructor(
    folders: RepositoryNames,
    tree: StoredTree,
    changes: Pick<TreeChanges, 'now'>,
    journal: NameJournal,
    comparison: NameComparison,
    clock: Clock,
  ) {
    this.#folders = folders;
    this.#tree = tree;
    this.#changes = changes;
    this.#journal = journal;
    this.#comparison = comparison;
    this.#clock = clock;
  }

  /**
   * Nothing is read as long as everything is as old as it was when nothing was found.
   * @throws StorageFault; the signal's reason
   */
  async find(repository: RepositoryName, sought: Sought, signal: AbortSignal): Promise<Finding> {
    const key = `${sought} ${repository.toString()}`;
    const changedAt = await this.#folders.changedAt(repository, sought === 'tags');
    if (changedAt === undefined || this.#clean.get(key) === changedAt) return NONE;
    const now = await this.#changes.now();
    const suspects = sought === 'names' ? this.#unknown(repository, signal) : this.#moved(repository, signal);
    const finding = await this.#settle(await suspects, signal);
    if (finding.kind === 'none' && changedAt < now - SLACK) this.#remember(key, changedAt);
    return finding;
  }

  /**
   * Whether names that our processes have taken away are in the tree again. One look for many of them.
   * @throws StorageFault; the signal's reason
   */
  async findAgain(gone: readonly LinkedName[], signal: AbortSignal): Promise<Finding> {
    const suspects: NamedDifference[] = [];
    for (const names of inGroups(gone, AT_ONCE)) {
      if (!(await this.#folders.isAnyLinked(names))) continue;
      const look = (name: LinkedName) => this.#comparison.look(name);
      for await (const difference of mapInOrder(names, IN_FLIGHT, look, signal)) {
        if (difference !== undefined && isWhole(difference)) suspects.push(difference);
      }
    }
    return this.#settle(suspects, signal);
  }

  async #unknown(repository: RepositoryName, signal: AbortSignal): Promise<readonly NamedDifference[]> {
    const names = await this.#folders.names(repository);
    const suspects: NamedDifference[] = [];
    let group: LinkedName[] = [];
    const lookAtGroup = async (): Promise<void> => {
      suspects.push(...(await this.#unknownOf(group, signal)));
      group = [];
      await this.#clock.sleep(0);
      signal.throwIfAborted();
    };
    for (const name of names) {
      if (group.push(name) === AT_ONCE) await lookAtGroup();
    }
    await lookAtGroup();
    return suspects;
  }

  /** Folders of what was deleted stay, without a link. */
  async #unknownOf(names: readonly LinkedName[], signal: AbortSignal): Promise<readonly NamedDifference[]> {
    const unknown: LinkedName[] = [];
    for (const name of names) if (!(await this.#journal.has(name))) unknown.push(name);
    const foreign: NamedDifference[] = [];
    const look = (name: LinkedName): Promise<NamedDifference | undefined> => this.#comparison.look(name);
    for await (const difference of mapInOrder(unknown, IN_FLIGHT, look, signal)) {
      if (difference !== undefined && (await this.#isForeign(difference))) foreign.push(difference);
    }
    return foreign;
  }

  async #moved(repository: RepositoryName, signal: AbortSignal): Promise<readonly NamedDifference[]> {
    const suspects: NamedDifference[] = [];
    const stored = this.#tree.repository(repository.toString());
    for await (const found of namesInTree(stored, repository, 'tag', signal)) {
      if (found.kind === 'damaged') continue;
      const difference = await this.#comparison.compare(found.value.name, found.value.digest);
      if (difference !== undefined && (await this.#isForeign(difference))) suspects.push(difference);
    }
    return suspects;
  }

  /** Looks again and again: a foreign name is the same each time, and no change of it is on its way. */
  async #settle(suspects: readonly NamedDifference[], signal: AbortSignal): Promise<Finding> {
    const pending = new Set<NamedDifference>();
    let left = suspects;
    for (let look = 0; look < LOOKS && left.length > 0; look += 1) {
      if (look > 0) await this.#clock.sleep(BETWEEN_LOOKS);
      const same: NamedDifference[] = [];
      const again = async (suspect: NamedDifference) => [suspect, await this.#lookAgain(suspect)] as const;
      for await (const [suspect, state] of mapInOrder(left, IN_FLIGHT, again, signal)) {
        if (state === 'pending') pending.add(suspect);
        if (state !== 'gone') same.push(suspect);
      }
      left = same;
    }
    const foreign = left.find((suspect) => !pending.has(suspect));
    if (foreign !== undefined) return { kind: 'foreign', name: foreign.name };
    return left.length === 0 ? NONE : { kind: 'undecided' };
  }

  /** A change of ours that is on its way while one looks has its row before or afterwards. */
  async #lookAgain(suspect: NamedDifference): Promise<'gone' | 'same' | 'pending'> {
    const { name } = suspect;
    const wasPending = await this.#journal.isPending(name);
    const difference = await this.#comparison.look(name);
    if (difference === undefined || keyOfDifference(difference) !== keyOfDifference(suspect)) return 'gone';
    return wasPending || (await this.#journal.isPending(name)) ? 'pending' : 'same';
  }

  /**
   * A manifest that could be served, and a tag that names one that is known: of any other the manifest tells. What can
   * not be served is left by our own start too.
   */
  async #isForeign(difference: NamedDifference): Promise<boolean> {
    const { name } = difference;
    if (difference.kind !== 'only-in-tree' && difference.kind !== 'other-target') return false;
    if (name.kind !== 'tag') return name.kind === 'revision' && isWhole(difference);
    const digest = difference.kind === 'other-target' ? difference.tree : difference.target;
    return this.#journal.has({ kind: 'revision', repository: name.repository, digest });
  }

  #remember(key: string, changedAt: number): void {
    this.#clean.delete(key);
    this.#clean.set(key, changedAt);
    if (this.#clean.size <= MOST_REMEMBERED) return;
    const [oldest = key] = this.#clean.keys();
    this.#clean.delete(oldest);
  }
}

/** A link that names another digest than its folder is damage, whatever lies under either: a start leaves it. */
function isWhole(difference: NamedDifference): boolean {
  if (difference.kind !== 'only-in-tree') return false;
  const { name, target } = difference;
  return name.kind === 'tag' || name.digest.equals(target);
}

import { RepositoryName } from '../../domain/repository/repository-name.js';
import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { Found, StoredTree, TreeDamage } from '../ports/storage/stored-tree.js';
import type { Clock } from '../ports/system/clock.js';
import type { DatabaseNames } from './database-names.js';
import { keyOfDifference, type IndexDifference } from './index-difference.js';
import { mapInOrder } from './map-in-order.js';
import { mergeSorted } from './merge-sorted.js';
import type { NameComparison } from './name-comparison.js';
import { namesInTree, type NameInTree } from './names-in-tree.js';

/** Names that are compared at once: what the storage reads in one go. */
const IN_FLIGHT = 64;
/** Differences that wait for their second look. */
const MOST_DOUBTS = 5_000;
/** How long (ms) a change that a running registry makes may be in the database and not in the tree yet. */
const SETTLING = 1_000;

/** How far a comparison has come; counted up while it runs. */
export interface ComparisonProgress {
  repositories: number;
  tags: number;
  revisions: number;
  layers: number;
}

/**
 * Walks the tree and the database, and tells what they do not say alike. A registry may serve meanwhile: each difference
 * is looked at a second time, and only what has stayed the same is told. Memory holds a page of either side.
 */
export class IndexComparison {
  readonly #tree: StoredTree;
  readonly #database: DatabaseNames;
  readonly #comparison: NameComparison;
  readonly #clock: Clock;

  constructor(tree: StoredTree, database: DatabaseNames, comparison: NameComparison, clock: Clock) {
    this.#tree = tree;
    this.#database = database;
    this.#comparison = comparison;
    this.#clock = clock;
  }

  /** Repository by repository, in each first tags, then manifests, then blobs. Rejects with the signal's reason. */
  async *differences(progress: ComparisonProgress, signal: AbortSignal): AsyncGenerator<IndexDifference> {
    const doubts: IndexDifference[] = [];
    const onDamage = (damage: TreeDamage): unknown => doubts.push({ kind: 'damaged', damage });
    const inTree = this.#tree.repositories(undefined, signal, onDamage);
    for await (const repository of mergeSorted(inTree, this.#database.repositories())) {
      for await (const difference of this.#inRepository(repository, progress, signal)) {
        doubts.push(difference);
        if (doubts.length >= MOST_DOUBTS) yield* this.#lookAgain(doubts.splice(0), signal);
      }
      progress.repositories += 1;
    }
    yield* this.#lookAgain(doubts, signal);
  }

  /**
   * The same for one repository. What is on its way between the two is told as well, unless `settled`: then differences
   * are looked at again, which takes a second.
   */
  async *inRepository(text: string, settled: boolean, signal: AbortSignal): AsyncGenerator<IndexDifference> {
    const progress = { repositories: 0, tags: 0, revisions: 0, layers: 0 };
    const found = this.#inRepository(text, progress, signal);
    if (!settled) {
      yield* found;
      return;
    }
    const doubts: IndexDifference[] = [];
    for await (const difference of found) {
      doubts.push(difference);
      if (doubts.length >= MOST_DOUBTS) yield* this.#lookAgain(doubts.splice(0), signal);
    }
    yield* this.#lookAgain(doubts, signal);
  }

  async *#inRepository(
    text: string,
    progress: ComparisonProgress,
    signal: AbortSignal,
  ): AsyncGenerator<IndexDifference> {
    const repository = RepositoryName.ofExisting(text);
    if (repository === undefined) {
      const reason = 'is a name that no repository can have';
      yield { kind: 'damaged', damage: { path: this.#tree.pathOf(text), repository: text, reason } };
      return;
    }
    for (const kind of ['tag', 'revision', 'layer'] as const) {
      yield* this.#fromTree(repository, kind, progress, signal);
      yield* this.#fromDatabase(repository, kind, progress, signal);
    }
  }

  /** What the tree names: all of it is held against the database. */
  async *#fromTree(
    repository: RepositoryName,
    kind: LinkedName['kind'],
    progress: ComparisonProgress,
    signal: AbortSignal,
  ): AsyncGenerator<IndexDifference> {
    const compare = async (found: Found<NameInTree>): Promise<IndexDifference | undefined> => {
      if (found.kind === 'damaged') return found;
      const { name, digest } = found.value;
      count(progress, kind);
      return this.#comparison.compare(name, digest);
    };
    const found = namesInTree(this.#tree, repository, kind, signal);
    for await (const difference of mapInOrder(found, IN_FLIGHT, compare, signal)) {
      if (difference !== undefined) yield difference;
    }
  }

  /** What the database names: only whether the tree has it too, since the rest has been compared. */
  async *#fromDatabase(
    repository: RepositoryName,
    kind: LinkedName['kind'],
    progress: ComparisonProgress,
    signal: AbortSignal,
  ): AsyncGenerator<IndexDifference> {
    const look = (name: LinkedName) => this.#comparison.whetherMissing(name);
    const names = this.#database.names(repository, kind);
    for await (const difference of mapInOrder(names, IN_FLIGHT, look, signal)) {
      if (difference === undefined) continue;
      count(progress, kind);
      yield difference;
    }
  }

  /** What is still the same after everything that was on its way has had its time. */
  async *#lookAgain(
    doubts: readonly IndexDifference[],
    signal: AbortSignal,
  ): AsyncGenerator<IndexDifference> {
    if (doubts.length === 0) return;
    await this.#clock.sleep(SETTLING);
    signal.throwIfAborted();
    const damages = new Map<string, Promise<ReadonlySet<string>>>();
    const look = async (doubt: IndexDifference): Promise<IndexDifference | undefined> => {
      if (doubt.kind === 'damaged')
        return (await this.#isStillDamaged(doubt, damages, signal)) ? doubt : undefined;
      const again = await this.#comparison.look(doubt.name);
      return again && keyOfDifference(again) === keyOfDifference(doubt) ? again : undefined;
    };
    for await (const difference of mapInOrder(doubts, IN_FLIGHT, look, signal)) {
      if (difference !== undefined) yield difference;
    }
  }

  async #isStillDamaged(
    doubt: IndexDifference & { kind: 'damaged' },
    known: Map<string, Promise<ReadonlySet<string>>>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { repository } = doubt.damage;
    const name = repository === undefined ? undefined : RepositoryName.ofExisting(repository);
    if (repository === undefined || name === undefined) return true;
    const damages = known.get(repository) ?? damagesIn(this.#tree, name, signal);
    known.set(repository, damages);
    return (await damages).has(keyOfDifference(doubt));
  }
}

async function damagesIn(
  tree: StoredTree,
  repository: RepositoryName,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for (const kind of ['tag', 'revision', 'layer'] as const) {
    for await (const found of namesInTree(tree, repository, kind, signal)) {
      if (found.kind === 'damaged') keys.add(keyOfDifference(found));
    }
  }
  return keys;
}

function count(progress: ComparisonProgress, kind: LinkedName['kind']): void {
  if (kind === 'tag') progress.tags += 1;
  else if (kind === 'revision') progress.revisions += 1;
  else progress.layers += 1;
}

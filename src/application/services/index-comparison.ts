import { RepositoryName } from '../../domain/repository/repository-name.js';
import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { Found, StoredRepository, StoredTree, TreeDamage } from '../ports/storage/stored-tree.js';
import { DamagesByPath } from './damages-by-path.js';
import type { DatabaseNames } from './database-names.js';
import type { IndexDifference, NamedDifference } from './index-difference.js';
import { mapInOrder } from './map-in-order.js';
import { mergeSorted, type MergedName } from './merge-sorted.js';
import type { NameComparison } from './name-comparison.js';
import { namesInTree, type NameInTree } from './names-in-tree.js';
import { SeenNames } from './seen-names.js';
import type { SettledDifferences } from './settled-differences.js';

/** Names that are compared at once: what the storage reads in one go. */
const IN_FLIGHT = 64;

/** How far a comparison has come; counted up while it runs. */
export interface ComparisonProgress {
  repositories: number;
  tags: number;
  revisions: number;
  layers: number;
}

/** What is compared in one go. */
interface Part {
  readonly repository: RepositoryName;
  readonly stored: StoredRepository;
  readonly kind: LinkedName['kind'];
  readonly progress: ComparisonProgress | undefined;
  readonly signal: AbortSignal;
}

/**
 * Walks the tree and the database, and tells what they do not say alike. A registry may serve meanwhile: each difference
 * is looked at a second time, and only what has stayed the same is told. Memory holds the names of one kind of some
 * repositories, packed.
 */
export class IndexComparison {
  readonly #tree: StoredTree;
  readonly #database: DatabaseNames;
  readonly #comparison: NameComparison;
  readonly #settled: SettledDifferences;

  constructor(
    tree: StoredTree,
    database: DatabaseNames,
    comparison: NameComparison,
    settled: SettledDifferences,
  ) {
    this.#tree = tree;
    this.#database = database;
    this.#comparison = comparison;
    this.#settled = settled;
  }

  /** Repository by repository, in each first tags, then manifests, then blobs. Rejects with the signal's reason. */
  async *differences(progress: ComparisonProgress, signal: AbortSignal): AsyncGenerator<IndexDifference> {
    const forget = await this.#tree.learnBlobs(signal);
    try {
      yield* this.#settled.of(this.#firstLook(progress, signal), signal);
    } finally {
      forget();
    }
  }

  async *#firstLook(progress: ComparisonProgress, signal: AbortSignal): AsyncGenerator<IndexDifference> {
    const between: IndexDifference[] = [];
    const onDamage = (damage: TreeDamage): unknown => between.push({ kind: 'damaged', damage });
    for await (const { name } of this.repositories(signal, onDamage)) {
      yield* between.splice(0);
      yield* this.inRepository(name, signal, progress);
      progress.repositories += 1;
    }
    yield* between;
  }

  /** Repositories by name, and whether the tree and the database have them, in this order. */
  repositories(signal: AbortSignal, onDamage?: (damage: TreeDamage) => void): AsyncIterable<MergedName> {
    const inTree = this.#tree.repositories(undefined, signal, onDamage);
    return mergeSorted(inTree, this.#database.repositories());
  }

  /** What differs in one repository at the first look, by its name in the tree. */
  async *inRepository(
    text: string,
    signal: AbortSignal,
    progress?: ComparisonProgress,
  ): AsyncGenerator<IndexDifference> {
    const repository = RepositoryName.ofExisting(text);
    if (repository === undefined) {
      const reason = 'is a name that no repository can have';
      yield { kind: 'damaged', damage: { path: this.#tree.pathOf(text), repository: text, reason } };
      return;
    }
    const stored = this.#tree.repository(text);
    for (const kind of ['tag', 'revision', 'layer'] as const) {
      yield* this.#ofKind({ repository, stored, kind, progress, signal });
    }
  }

  /** A damage that belongs to a name of the database is told with that name, and not by itself. */
  async *#ofKind(part: Part): AsyncGenerator<IndexDifference> {
    const damages = new DamagesByPath(this.#tree);
    const seen = new SeenNames();
    for await (const difference of this.#fromTree(part, seen)) {
      if (difference.kind !== 'damaged' || !damages.hold(difference.damage)) yield difference;
    }
    for await (const difference of this.#fromDatabase(part, seen)) {
      yield damages.explain(difference);
    }
    for (const damage of damages.left()) yield { kind: 'damaged', damage };
  }

  /** What the tree names: all of it is held against the database. */
  async *#fromTree(
    { repository, stored, kind, progress, signal }: Part,
    seen: SeenNames,
  ): AsyncGenerator<IndexDifference> {
    const compare = async (found: Found<NameInTree>): Promise<IndexDifference | undefined> => {
      if (found.kind === 'damaged') return found;
      const { name, digest } = found.value;
      seen.add(name);
      count(progress, kind);
      return this.#comparison.compare(name, digest);
    };
    const found = namesInTree(stored, repository, kind, signal);
    for await (const difference of mapInOrder(found, IN_FLIGHT, compare, signal)) {
      if (difference !== undefined) yield difference;
    }
  }

  /** What the database names: what was not seen in the tree is looked for there. */
  async *#fromDatabase(
    { repository, kind, progress, signal }: Part,
    seen: SeenNames,
  ): AsyncGenerator<NamedDifference> {
    const look = async (name: LinkedName): Promise<NamedDifference | undefined> =>
      seen.has(name) ? undefined : this.#comparison.whetherMissing(name);
    const names = this.#database.names(repository, kind);
    for await (const difference of mapInOrder(names, IN_FLIGHT, look, signal)) {
      if (difference === undefined) continue;
      count(progress, kind);
      yield difference;
    }
  }
}

function count(progress: ComparisonProgress | undefined, kind: LinkedName['kind']): void {
  if (progress === undefined) return;
  if (kind === 'tag') progress.tags += 1;
  else if (kind === 'revision') progress.revisions += 1;
  else progress.layers += 1;
}

import type { StoredTree, TreeDamage } from '../ports/storage/stored-tree.js';
import type { NamedDifference } from './index-difference.js';

/** More are told by themselves. */
const MOST = 10_000;

/** Damages of a tree that wait for the name that they belong to. */
export class DamagesByPath {
  readonly #tree: StoredTree;
  readonly #damages = new Map<string, TreeDamage>();

  constructor(tree: StoredTree) {
    this.#tree = tree;
  }

  /** False when it can not be held. */
  hold(damage: TreeDamage): boolean {
    if (this.#damages.size >= MOST) return false;
    this.#damages.set(damage.path, damage);
    return true;
  }

  /** The difference with the reason that was held for it. */
  explain(difference: NamedDifference): NamedDifference {
    const { kind, name } = difference;
    if (kind !== 'link-damaged' && kind !== 'only-in-database') return difference;
    const damage = this.#take(this.#tree.pathOf(name));
    return damage !== undefined && kind === 'link-damaged'
      ? { ...difference, reason: damage.reason }
      : difference;
  }

  /** Those that belong to no name of the database. */
  left(): Iterable<TreeDamage> {
    return this.#damages.values();
  }

  #take(path: string): TreeDamage | undefined {
    const damage = this.#damages.get(path);
    this.#damages.delete(path);
    return damage;
  }
}

import type { Digest } from '../../domain/content/digest.js';
import { keyOfName, type LinkedName } from '../../domain/repository/linked-name.js';
import type { TreeDamage } from '../ports/storage/stored-tree.js';

/**
 * Something that the tree and the database do not say alike.
 *
 * - `only-in-tree`, `only-in-database`: a name that the other has not.
 * - `other-target`: a tag that points elsewhere.
 * - `link-damaged`: a name of the database whose link in the tree can not be read; with the reason.
 * - `dangling`: a name that only the tree has, and that can not be served: the reason is a part of a sentence.
 * - `bytes-missing`, `other-size`: both have the name, but the tree not its bytes, or not as many as there should be.
 * - `other-bytes`: the tree's copy of a manifest is not what was pushed.
 * - `damaged`: what can not be read of the tree at all.
 */
export type IndexDifference =
  | {
      readonly kind: 'only-in-tree' | 'only-in-database';
      readonly name: LinkedName;
      readonly target: Digest;
    }
  | {
      readonly kind: 'other-target';
      readonly name: LinkedName;
      readonly tree: Digest;
      readonly database: Digest;
    }
  | {
      readonly kind: 'dangling' | 'link-damaged';
      readonly name: LinkedName;
      readonly target: Digest;
      readonly reason: string;
    }
  | { readonly kind: 'bytes-missing' | 'other-bytes'; readonly name: LinkedName }
  | {
      readonly kind: 'other-size';
      readonly name: LinkedName;
      readonly tree: number;
      readonly database: number;
    }
  | { readonly kind: 'damaged'; readonly damage: TreeDamage };

export type NamedDifference = Exclude<IndexDifference, { kind: 'damaged' }>;

/** One text for each difference: equal texts mean that nothing has moved between two looks. */
export function keyOfDifference(difference: IndexDifference): string {
  const { kind } = difference;
  if (kind === 'damaged') return `${kind} ${difference.damage.path} ${difference.damage.reason}`;
  const sides = valuesOf(difference).map(String);
  return [kind, keyOfName(difference.name), ...sides].join(' ');
}

function valuesOf(difference: NamedDifference): readonly unknown[] {
  switch (difference.kind) {
    case 'other-target':
    case 'other-size':
      return [difference.tree, difference.database];
    case 'only-in-tree':
    case 'only-in-database':
    case 'link-damaged':
    case 'dangling':
      return [difference.target];
    case 'bytes-missing':
    case 'other-bytes':
      return [];
  }
}

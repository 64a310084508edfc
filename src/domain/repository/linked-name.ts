import type { Digest } from '../content/digest.js';
import type { TagName } from '../tag/tag-name.js';
import type { RepositoryName } from './repository-name.js';

/**
 * A name in a repository, which the storage tells by a link file as well: that the repository has a blob (`layer`) or a
 * manifest (`revision`), or what a tag points at.
 */
export type LinkedName =
  | { readonly kind: 'layer' | 'revision'; readonly repository: RepositoryName; readonly digest: Digest }
  | { readonly kind: 'tag'; readonly repository: RepositoryName; readonly tag: TagName };

/** One text for each name. */
export function keyOfName(name: LinkedName): string {
  const what = name.kind === 'tag' ? name.tag : name.digest;
  return `${name.repository.toString()} ${name.kind} ${what.toString()}`;
}

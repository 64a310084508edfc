import type { Digest } from '../../domain/content/digest.js';
import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import { TagName } from '../../domain/tag/tag-name.js';
import type { Found, StoredRepository } from '../ports/storage/stored-tree.js';

/** A name, and what its link holds. */
export interface NameInTree {
  readonly name: LinkedName;
  readonly digest: Digest;
}

/** The tags, manifests or blobs that the tree names in a repository. */
export async function* namesInTree(
  stored: StoredRepository,
  repository: RepositoryName,
  kind: LinkedName['kind'],
  signal: AbortSignal,
): AsyncGenerator<Found<NameInTree>> {
  if (kind === 'tag') {
    for await (const found of stored.tags(signal)) {
      if (found.kind === 'damaged') yield found;
      else {
        const { name, digest } = found.value;
        yield { kind: 'found', value: { name: { kind, repository, tag: TagName.parse(name) }, digest } };
      }
    }
    return;
  }
  for await (const found of kind === 'layer' ? stored.layers(signal) : stored.revisions(signal)) {
    if (found.kind === 'damaged') yield found;
    else
      yield {
        kind: 'found',
        value: { name: { kind, repository, digest: found.value }, digest: found.value },
      };
  }
}

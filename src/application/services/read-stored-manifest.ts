import type { Digest } from '../../domain/content/digest.js';
import { parseStoredManifest } from '../../domain/manifest/parse-stored-manifest.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type { FoundManifest } from '../ports/metadata/tree-adoption.js';
import type { StoredRepository, StoredTree, TreeDamage } from '../ports/storage/stored-tree.js';
import { damageOfFault } from './damage-of-fault.js';

/** A manifest that can be served. */
export interface ReadManifest {
  readonly manifest: FoundManifest;
  /** Why it is not understood; undefined when it is. */
  readonly damage: TreeDamage | undefined;
}

/**
 * Reads a manifest that the tree says the repository has.
 * @param stored whoever has listed the repository's manifests gives what has listed them
 */
export async function readStoredManifest(
  tree: StoredTree,
  repository: RepositoryName,
  digest: Digest,
  stored: StoredRepository = tree.repository(repository.toString()),
): Promise<ReadManifest | TreeDamage> {
  const path = tree.pathOf({ kind: 'revision', repository, digest });
  const name = repository.toString();
  const damage = (reason: string): TreeDamage => ({ path, repository: name, reason });
  try {
    const [content, declared] = await Promise.all([
      tree.manifestBytes(digest),
      stored.declaredMediaType(digest),
    ]);
    if (content === undefined) return damage('names a manifest whose bytes are not there');
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
    const read = parseStoredManifest(bytes, digest, declared);
    if ('reason' in read) return damage(`names a manifest that ${read.reason}`);
    const { mediaType, content: parsed, flaw } = read;
    return {
      manifest: { digest, mediaType, bytes, content: parsed },
      damage: flaw === undefined ? undefined : damage(`names a manifest that is not understood (${flaw})`),
    };
  } catch (error) {
    return damageOfFault(error, path, name);
  }
}

import type { ChainedManifest, Some } from '../../../application/ports/metadata/content-holders.js';
import { MEDIA_TYPES } from '../../../domain/content/media-type.js';

const STEP = '  ';
const INDEXES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerManifestList]);

/**
 * What holds what, each a step further to the right: the tags, the manifest that they name, and so on.
 * @param below what the last of the manifests references, if that is what it is about
 */
export function showChain(chain: readonly ChainedManifest[], below?: string): readonly string[] {
  const [root] = chain;
  const tags = root && root.tags.items.length > 0 ? [showTags(root.tags)] : [];
  const manifests = chain.map(showManifest);
  return [...tags, ...manifests, ...(below === undefined ? [] : [below])].map(
    (line, depth) => STEP.repeat(depth + 1) + line,
  );
}

/** `tag v1`, `tags latest, v1`, `tags v1, v2 and more` */
export function showTags({ items, more }: Some<string>): string {
  return `${items.length === 1 ? 'tag' : 'tags'} ${items.join(', ')}${more ? ' and more' : ''}`;
}

function showManifest({ digest, mediaType, heldBy }: ChainedManifest): string {
  const word = INDEXES.has(mediaType) ? 'index' : 'manifest';
  return `${word} ${digest.toString()}${heldBy === 'subject' ? ', whose subject is the one above' : ''}`;
}

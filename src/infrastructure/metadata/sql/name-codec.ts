import type { LinkedName } from '../../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { TagName } from '../../../domain/tag/tag-name.js';
import { decodeDigest, encodeDigest } from './digest-codec.js';

const KINDS = { layer: 1, revision: 2, tag: 3 } as const;

/** What a journal row holds of a name beside its repository. */
export function encodeName(name: LinkedName): { readonly kind: number; readonly key: Uint8Array } {
  const key = name.kind === 'tag' ? Buffer.from(name.tag.toString()) : encodeDigest(name.digest);
  return { kind: KINDS[name.kind], key };
}

export function decodeName(repository: RepositoryName, kind: number, key: Uint8Array): LinkedName {
  switch (kind) {
    case KINDS.layer:
      return { kind: 'layer', repository, digest: decodeDigest(key) };
    case KINDS.revision:
      return { kind: 'revision', repository, digest: decodeDigest(key) };
    case KINDS.tag:
      return { kind: 'tag', repository, tag: TagName.parse(Buffer.from(key).toString()) };
    default:
      throw new Error(`the metadata database holds the unknown kind of name ${kind}`);
  }
}

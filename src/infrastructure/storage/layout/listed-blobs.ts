import type { FileListing, ListedFile } from '../../../application/ports/storage/file-listing.js';
import type { BlobEntry } from '../../../application/ports/storage/tree-inventory.js';
import { isDigestAlgorithm, type Digest } from '../../../domain/content/digest.js';
import { isLeftover } from './blob-walk.js';
import { endOf, filesOf } from './listed-files.js';
import { blobFolderPath, blobsPath } from './paths.js';
import { parseDigest } from './stored-link.js';
import { damageOf, isAddressable, NO_FOLDER } from './tree-damage.js';

const PREFIX = /^[0-9a-f]{2}$/;

/** Everything where blobs lie, in the order of digests, on a storage that lists files. */
export async function* listedBlobs(
  listing: FileListing,
  after: Digest | undefined,
  signal: AbortSignal,
): AsyncGenerator<BlobEntry> {
  let told = '';
  const behind = after && endOf(blobFolderPath(after));
  for await (const file of filesOf(listing, `${blobsPath}/`, signal, behind)) {
    const entry = entryOf(file);
    if (entry.kind === 'damaged') {
      if (entry.damage.path === told) continue;
      told = entry.damage.path;
    }
    yield entry;
  }
}

function entryOf({ path, size, changedAt }: ListedFile): BlobEntry {
  const parts = path.slice(blobsPath.length + 1).split('/');
  const damaged = (depth: number, reason: string): BlobEntry => ({
    kind: 'damaged',
    damage: damageOf([blobsPath, ...parts.slice(0, depth)].join('/'), undefined, reason),
  });
  const strange = parts.findIndex((name) => !isAddressable(name));
  if (strange !== -1 && strange < 3) return damaged(strange + 1, 'is a name that is never written');
  const [algorithm = '', prefix = '', hex = '', leaf] = parts;
  if (parts.length > 1 && !isDigestAlgorithm(algorithm)) return damaged(1, 'is a name that no algorithm has');
  if (parts.length > 2 && !PREFIX.test(prefix)) return damaged(2, 'is a name that no digest begins with');
  if (leaf === undefined) return damaged(parts.length, NO_FOLDER);
  const digest = hex.startsWith(prefix) ? parseDigest(`${algorithm}:${hex}`) : undefined;
  if (digest === undefined) return damaged(3, 'is a name that no digest here has');
  if (parts.length === 4 && leaf === 'data') return { kind: 'blob', digest };
  if (parts.length === 4 && isLeftover(path)) {
    return { kind: 'leftover', leftover: { path, size, changedAt } };
  }
  return damaged(4, leaf === 'data' ? 'is a folder where a file should be' : 'is nothing that belongs there');
}

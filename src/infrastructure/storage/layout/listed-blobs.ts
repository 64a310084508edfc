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
  const flaw = flawOfFolders(parts);
  if (flaw !== undefined) return damaged(parts, flaw);
  const digest = digestOf(parts);
  if (digest === undefined) return damaged(parts, [3, 'is a name that no digest here has']);
  const isDirect = parts.length === 4;
  if (isDirect && isLeftover(path)) return { kind: 'leftover', leftover: { path, size, changedAt } };
  if (parts[3] !== 'data') return damaged(parts, [4, 'is nothing that belongs there']);
  return isDirect ? { kind: 'blob', digest } : damaged(parts, [4, 'is a folder where a file should be']);
}

/** How many segments of a path are wrong with it, and why. */
type Flaw = readonly [depth: number, reason: string];

/** What is wrong with `<algorithm>/<prefix>/<hex>` above a file; undefined when nothing is, but for the digest. */
function flawOfFolders(parts: readonly string[]): Flaw | undefined {
  const folders = parts.slice(0, 3);
  const strange = folders.findIndex((name) => !isAddressable(name));
  if (strange !== -1) return [strange + 1, 'is a name that is never written'];
  const [algorithm = '', prefix = ''] = folders;
  if (parts.length > 1 && !isDigestAlgorithm(algorithm)) return [1, 'is a name that no algorithm has'];
  if (parts.length > 2 && !PREFIX.test(prefix)) return [2, 'is a name that no digest begins with'];
  return parts.length > 3 ? undefined : [parts.length, NO_FOLDER];
}

function digestOf([algorithm, prefix = '', hex = '']: readonly string[]): Digest | undefined {
  return hex.startsWith(prefix) ? parseDigest(`${algorithm}:${hex}`) : undefined;
}

function damaged(parts: readonly string[], [depth, reason]: Flaw): BlobEntry {
  const path = [blobsPath, ...parts.slice(0, depth)].join('/');
  return { kind: 'damaged', damage: damageOf(path, undefined, reason) };
}

import type { ListedFile } from '../../../application/ports/storage/file-listing.js';
import type { Digest } from '../../../domain/content/digest.js';
import { isTemporary, type Damaged, type LinkReader } from './link-reader.js';
import { parseDigest } from './stored-link.js';
import { isAddressable, NO_FOLDER } from './tree-damage.js';

/** A link, and the digest under which it lies. */
export interface ListedLink {
  readonly file: ListedFile;
  readonly digest: Digest;
}

/** What is found out of a file; undefined when it means nothing. */
type Sorted = ListedLink | Damaged | undefined;

/**
 * Picks links out of the files of a folder, `<algorithm>/<hex>/link`, in their order, and what lies there instead.
 * @param declared is given the digests of manifests beside which a media type is noted
 */
export async function* listedLinks(
  files: AsyncIterable<ListedFile>,
  folder: string,
  reader: LinkReader,
  declared: Set<string>,
): AsyncGenerator<ListedLink | Damaged> {
  /** The link that came last: what is listed below it as well is no damage. */
  let link = '';
  let told = '';
  for await (const file of files) {
    const sorted = sort(file, folder, reader, declared);
    if (sorted === undefined) continue;
    if ('kind' in sorted) {
      const { path } = sorted.damage;
      if (path === link || path === told) continue;
      told = path;
    } else link = file.path;
    yield sorted;
  }
}

function sort(file: ListedFile, folder: string, reader: LinkReader, declared: Set<string>): Sorted {
  const parts = file.path.slice(folder.length + 1).split('/');
  const [algorithm = '', hex = '', leaf] = parts;
  const strange = firstStrange(parts.slice(0, 2));
  if (leaf === undefined) return sortStray(file.path, parts, reader);
  if (strange !== undefined) {
    return reader.damaged(
      `${folder}/${parts.slice(0, strange + 1).join('/')}`,
      'is a name that is never written',
    );
  }
  const digest = parseDigest(`${algorithm}:${hex}`);
  if (digest === undefined) {
    return reader.damaged(`${folder}/${algorithm}/${hex}`, 'is a name that no digest has');
  }
  if (leaf === 'stowage.json' && parts.length === 3) declared.add(digest.toString());
  if (leaf !== 'link') return undefined;
  if (parts.length === 3) return { file, digest };
  return reader.damaged(`${folder}/${algorithm}/${hex}/link`, 'is a folder where a file should be');
}

/** A file where only folders are. */
function sortStray(path: string, parts: readonly string[], reader: LinkReader): Sorted {
  const name = parts.at(-1) ?? '';
  if (isTemporary(name)) return undefined;
  return reader.damaged(path, isAddressable(name) ? NO_FOLDER : 'is a name that is never written');
}

/** Which of some names can not be a segment of a path; undefined when all can. */
function firstStrange(names: readonly string[]): number | undefined {
  const at = names.findIndex((name) => !isAddressable(name));
  return at === -1 ? undefined : at;
}

import type { FileListing, ListedFile } from '../../../application/ports/storage/file-listing.js';
import type { NameEntry } from '../../../application/ports/storage/tree-inventory.js';
import { mapInOrder } from '../../../application/services/map-in-order.js';
import { digestOf, nameHidden, type LinkNames, type LinkPlace } from './link-names.js';
import { filesOf, plainlyHolds } from './listed-files.js';
import { repositoriesPath } from './paths.js';
import { isAddressable } from './tree-damage.js';

/** Links that are read at once. */
const IN_FLIGHT = 16;

/** A link, or a folder in its place. */
interface FoundLink extends LinkPlace {
  readonly file: ListedFile;
  readonly isFolder: boolean;
}

type Found = FoundLink | NameEntry;

/**
 * Everything among the repositories that may name content, on a storage that lists files. It takes more for a name than
 * is ever served, as NameWalk does: any file `link`, whoever has put it there.
 */
export class ListedNames {
  readonly #listing: FileListing;
  readonly #links: LinkNames;

  constructor(listing: FileListing, links: LinkNames) {
    this.#listing = listing;
    this.#links = links;
  }

  async *entries(signal: AbortSignal): AsyncGenerator<NameEntry> {
    const look = (found: Found): Promise<readonly NameEntry[]> => this.#look(found);
    for await (const found of mapInOrder(this.#found(signal), IN_FLIGHT, look, signal)) yield* found;
  }

  async #look(found: Found): Promise<readonly NameEntry[]> {
    if ('kind' in found) return [found];
    if (found.isFolder) return this.#links.ofFolder(found);
    const text = digestOf(found.path);
    // Then nothing else is said there than by the place in which it lies.
    return text !== undefined && plainlyHolds(found.file, text)
      ? this.#links.ofDigests(found, [text])
      : this.#links.read(found);
  }

  async *#found(signal: AbortSignal): AsyncGenerator<Found> {
    let isEmpty = true;
    let last: string | undefined;
    for await (const file of filesOf(this.#listing, `${repositoriesPath}/`, signal)) {
      isEmpty = false;
      const found = foundIn(file);
      if (found === undefined) continue;
      // What lies below a link that was told, or once more in a folder that was.
      const path = pathOf(found);
      if (path !== last) yield found;
      last = path;
    }
    if (isEmpty) {
      yield nameHidden(
        repositoriesPath,
        '',
        'is missing or empty, so whatever names blobs is somewhere else',
      );
    }
  }
}

function pathOf(found: Found): string {
  if (!('kind' in found)) return `${found.path}/link`;
  return found.kind === 'names' ? found.path : found.damage.path;
}

/** Undefined when it names nothing. */
function foundIn(file: ListedFile): Found | undefined {
  const parts = file.path.slice(repositoriesPath.length + 1).split('/');
  if (parts.includes('_uploads')) return undefined;
  const link = parts.indexOf('link', 1);
  const folders = parts.slice(0, link === -1 ? -1 : link);
  const strange = folders.findIndex((name) => !isAddressable(name));
  if (strange !== -1) {
    const path = [repositoriesPath, ...folders.slice(0, strange + 1)].join('/');
    return nameHidden(path, repositoryOf(folders.slice(0, strange)), 'is a name that is never written');
  }
  if (link === -1) return undefined;
  const path = [repositoriesPath, ...folders].join('/');
  return { path, repository: repositoryOf(folders), file, isFolder: link < parts.length - 1 };
}

/** The name of the folder above `_layers` or `_manifests`. */
function repositoryOf(folders: readonly string[]): string {
  const end = folders.findIndex((name) => name === '_layers' || name === '_manifests');
  return (end === -1 ? folders : folders.slice(0, end)).join('/');
}

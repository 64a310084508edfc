import type { StorageDriver, StorageEntry } from '../../../application/ports/storage/storage-driver.js';
import type { NameEntry } from '../../../application/ports/storage/tree-inventory.js';
import { damageOfFault, LEADS_NOWHERE } from '../../../application/services/damage-of-fault.js';
import { mapInOrder } from '../../../application/services/map-in-order.js';
import {
  digestOf,
  nameDamaged,
  nameHidden,
  nameOf,
  namesBy,
  type LinkNames,
  type LinkPlace,
} from './link-names.js';
import { repositoriesPath } from './paths.js';
import { isAddressable } from './tree-damage.js';

/** Folders that are looked into at once. */
const IN_FLIGHT = 16;
/** Folders from `_manifests` to the deepest link, `tags/<tag>/index/<algorithm>/<hex>`. */
const DEEPEST = 6;

/** A folder somewhere among the repositories. */
interface Place extends LinkPlace {
  /** How deep in `_layers` or `_manifests`; 0 outside. */
  readonly depth: number;
  /** Of the folders outside on the way to it, and its own. */
  readonly identities: readonly string[];
}

interface Looked {
  readonly found: readonly NameEntry[];
  readonly below: readonly Place[];
}

/**
 * Walks everything among the repositories that may name content. It takes more for a name than is ever served: any file
 * `link` in any folder, whoever has put it there. Whether something names a blob is asked before the blob is removed.
 */
export class NameWalk {
  readonly #driver: StorageDriver;
  readonly #links: LinkNames;

  constructor(driver: StorageDriver, links: LinkNames) {
    this.#driver = driver;
    this.#links = links;
  }

  async *entries(signal: AbortSignal): AsyncGenerator<NameEntry> {
    const root = { path: repositoriesPath, repository: '', depth: 0, identities: [] };
    const { found, below } = await this.#look(root);
    yield* found;
    if (found.length + below.length === 0) {
      yield nameHidden(
        repositoriesPath,
        '',
        'is missing or empty, so whatever names blobs is somewhere else',
      );
    }
    yield* this.#below(below, signal);
  }

  async *#below(places: readonly Place[], signal: AbortSignal): AsyncGenerator<NameEntry> {
    const look = (place: Place): Promise<Looked> => this.#look(place);
    for await (const { found, below } of mapInOrder(places, IN_FLIGHT, look, signal)) {
      yield* found;
      if (below.length > 0) yield* this.#below(below, signal);
    }
  }

  async #look(place: Place): Promise<Looked> {
    const { path, depth } = place;
    try {
      const [entries, stat] = await Promise.all([
        this.#driver.list(path),
        depth === 0 ? this.#driver.stat(path) : undefined,
      ]);
      const identity = stat?.identity;
      if (identity !== undefined && place.identities.includes(identity)) return leadsBack(place);
      const here = identity === undefined ? place : { ...place, identities: [...place.identities, identity] };
      const found = entries.some(({ name }) => name === 'link') ? await this.#links.read(place) : [];
      const others = entries.filter(({ name }) => name !== 'link' && name !== '_uploads');
      const below = depth < DEEPEST ? foldersIn(here, others) : [];
      return { found: [...found, ...others.flatMap((entry) => hiddenBy(place, entry))], below };
    } catch (error) {
      const damage = damageOfFault(error, path, nameOf(place));
      const digest = digestOf(path);
      if (digest === undefined) return { found: [{ kind: 'hidden', damage }], below: [] };
      return { found: [namesBy(place, [digest]), { kind: 'damaged', damage }], below: [] };
    }
  }
}

function foldersIn(place: Place, entries: readonly StorageEntry[]): readonly Place[] {
  const folders = entries.filter(({ name, kind }) => kind === 'folder' && isAddressable(name));
  const inOrder = folders.map(({ name }) => name).toSorted();
  return inOrder.map((name) => {
    const isPart = place.depth > 0 || name === '_layers' || name === '_manifests';
    const repository = [place.repository, name].filter((part) => part !== '').join('/');
    return {
      path: `${place.path}/${name}`,
      repository: isPart ? place.repository : repository,
      depth: isPart ? place.depth + 1 : 0,
      identities: place.identities,
    };
  });
}

/** What nobody can look into. */
function hiddenBy(place: Place, { name, kind }: StorageEntry): readonly NameEntry[] {
  const path = `${place.path}/${name}`;
  if (kind === 'other') return [nameHidden(path, place.repository, LEADS_NOWHERE)];
  if (kind === 'file' || isAddressable(name)) return [];
  return [nameHidden(path, place.repository, 'is a name that is never written')];
}

function leadsBack(place: Place): Looked {
  const reason = 'is a link that leads back to where it lies';
  return { found: [nameDamaged(place.path, place, reason)], below: [] };
}

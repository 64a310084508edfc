import type { StorageDriver, StorageEntry } from '../../../application/ports/storage/storage-driver.js';
import type { NameEntry } from '../../../application/ports/storage/tree-inventory.js';
import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import { damageOfFault, LEADS_NOWHERE } from '../../../application/services/damage-of-fault.js';
import { mapInOrder } from '../../../application/services/map-in-order.js';
import { Digest } from '../../../domain/content/digest.js';
import { blobPath, repositoriesPath } from './paths.js';
import { mentionedDigests, parseDigest } from './stored-link.js';
import { damageOf, isAddressable } from './tree-damage.js';

/** Folders that are looked into at once. */
const IN_FLIGHT = 16;
/** Longer than any digest: what has more bytes is no link. */
const LONGEST_LINK = 1024;
/** No registry takes a longer one. */
const LARGEST_MANIFEST = 4 * 1024 * 1024;
/** Folders from `_manifests` to the deepest link, `tags/<tag>/index/<algorithm>/<hex>`. */
const DEEPEST = 6;

/** A folder somewhere among the repositories. */
interface Place {
  readonly path: string;
  /** The name of the folder above `_layers` or `_manifests`, or of itself when it is none of their parts. */
  readonly repository: string;
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

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async *entries(signal: AbortSignal): AsyncGenerator<NameEntry> {
    const root = { path: repositoriesPath, repository: '', depth: 0, identities: [] };
    const { found, below } = await this.#look(root);
    yield* found;
    if (found.length + below.length === 0) {
      yield hidden(repositoriesPath, root, 'is missing or empty, so whatever names blobs is somewhere else');
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
      const found = entries.some(({ name }) => name === 'link') ? await this.#readLink(place) : [];
      const others = entries.filter(({ name }) => name !== 'link' && name !== '_uploads');
      const below = depth < DEEPEST ? foldersIn(here, others) : [];
      return { found: [...found, ...others.flatMap((entry) => hiddenBy(place, entry))], below };
    } catch (error) {
      const damage = damageOfFault(error, path, nameOf(place));
      const digest = digestOf(path);
      if (digest === undefined) return { found: [{ kind: 'hidden', damage }], below: [] };
      return { found: [names(place, [digest]), { kind: 'damaged', damage }], below: [] };
    }
  }

  async #readLink(place: Place): Promise<readonly NameEntry[]> {
    const path = `${place.path}/link`;
    const expected = digestOf(place.path);
    const inPath = expected === undefined ? [] : [expected];
    try {
      const content = await this.#driver.readContent(path, LONGEST_LINK);
      if (content === undefined) return [];
      const digests = [...new Set([...inPath, ...mentionedDigests(content)])];
      const isRevision = place.path.includes('/_manifests/revisions/');
      const bodies = isRevision ? await Promise.all(digests.map((digest) => this.#body(place, digest))) : [];
      const said = mentionedDigests(content).length > 0 ? [] : [damaged(path, place, 'names no digest')];
      return [names(place, digests), ...said, ...bodies.flat()];
    } catch (error) {
      const damage = damageOfFault(error, path, nameOf(place));
      return [names(place, inPath), { kind: 'damaged', damage }];
    }
  }

  /** What a manifest mentions, understood or not: what references it needs may have lost their links. */
  async #body(place: Place, text: string): Promise<readonly NameEntry[]> {
    const path = blobPath(Digest.parse(text));
    try {
      const content = await this.#driver.readContent(path, LARGEST_MANIFEST);
      if (content === undefined) return [];
      return [{ ...names(place, mentionedDigests(content)), by: 'manifest' }];
    } catch (error) {
      const damage = damageOfFault(error, path, nameOf(place));
      return [{ kind: (await this.#isNoManifest(path)) ? 'damaged' : 'hidden', damage }];
    }
  }

  /** Whether it is plain that no registry has ever taken it for a manifest. */
  async #isNoManifest(path: string): Promise<boolean> {
    try {
      const stat = await this.#driver.stat(path);
      return stat?.kind === 'folder' || (stat !== undefined && stat.size > LARGEST_MANIFEST);
    } catch (error) {
      if (error instanceof StorageFault) return false;
      throw error;
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
  if (kind === 'other') return [hidden(path, place, LEADS_NOWHERE)];
  if (kind === 'file' || isAddressable(name)) return [];
  return [hidden(path, place, 'is a name that is never written')];
}

function leadsBack(place: Place): Looked {
  return { found: [damaged(place.path, place, 'is a link that leads back to where it lies')], below: [] };
}

/** The digest that a folder of a link is called by; the reference registry's names are in lower case. */
function digestOf(path: string): string | undefined {
  const [algorithm = '', hex = ''] = path.split('/').slice(-2);
  return parseDigest(`${algorithm}:${hex}`.toLowerCase())?.toString();
}

function names(place: Place, digests: readonly string[]): NameEntry & { readonly kind: 'names' } {
  return { kind: 'names', by: 'link', path: `${place.path}/link`, repository: place.repository, digests };
}

function damaged(path: string, place: Place, reason: string): NameEntry {
  return { kind: 'damaged', damage: damageOf(path, nameOf(place), reason) };
}

function hidden(path: string, place: Place, reason: string): NameEntry {
  return { kind: 'hidden', damage: damageOf(path, nameOf(place), reason) };
}

function nameOf({ repository }: Place): string | undefined {
  return repository === '' ? undefined : repository;
}

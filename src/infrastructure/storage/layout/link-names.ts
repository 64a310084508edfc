import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import type { NameEntry } from '../../../application/ports/storage/tree-inventory.js';
import { damageOfFault } from '../../../application/services/damage-of-fault.js';
import { Digest } from '../../../domain/content/digest.js';
import { blobPath } from './paths.js';
import { mentionedDigests, parseDigest } from './stored-link.js';
import { damageOf } from './tree-damage.js';

/** Longer than any digest: what has more bytes is no link. */
const LONGEST_LINK = 1024;
/** No registry takes a longer one. */
const LARGEST_MANIFEST = 4 * 1024 * 1024;

/** The folder of a link. */
export interface LinkPlace {
  readonly path: string;
  /** As it is called in the tree; empty when it lies in none. */
  readonly repository: string;
}

/** Tells what links name: by what they hold, by the folders in which they lie, and by the bodies of manifests. */
export class LinkNames {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  /** The link `<path>/link`, which is read. */
  async read(place: LinkPlace): Promise<readonly NameEntry[]> {
    const path = `${place.path}/link`;
    const inPath = digestsOf(place.path);
    try {
      const content = await this.#driver.readContent(path, LONGEST_LINK);
      if (content === undefined) return [];
      const mentioned = mentionedDigests(content);
      const told = await this.ofDigests(place, [...new Set([...inPath, ...mentioned])]);
      const [first, ...bodies] = told;
      const said = mentioned.length > 0 ? [] : [nameDamaged(path, place, 'names no digest')];
      return [...(first === undefined ? [] : [first]), ...said, ...bodies];
    } catch (error) {
      const damage = damageOfFault(error, path, nameOf(place));
      return [namesBy(place, inPath), { kind: 'damaged', damage }];
    }
  }

  /** The same, where it is known what the link holds. */
  async ofDigests(place: LinkPlace, digests: readonly string[]): Promise<readonly NameEntry[]> {
    const isRevision = place.path.includes('/_manifests/revisions/');
    const bodies = isRevision ? await Promise.all(digests.map((digest) => this.#body(place, digest))) : [];
    return [namesBy(place, digests), ...bodies.flat()];
  }

  /** Where a folder is in the place of the link. */
  async ofFolder(place: LinkPlace): Promise<readonly NameEntry[]> {
    const reason = 'is a folder where a file should be';
    return [namesBy(place, digestsOf(place.path)), nameDamaged(`${place.path}/link`, place, reason)];
  }

  /** What a manifest mentions, understood or not: what references it needs may have lost their links. */
  async #body(place: LinkPlace, text: string): Promise<readonly NameEntry[]> {
    const path = blobPath(Digest.parse(text));
    try {
      const content = await this.#driver.readContent(path, LARGEST_MANIFEST);
      if (content === undefined) return [];
      return [{ ...namesBy(place, mentionedDigests(content)), by: 'manifest' }];
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

/** The digest that a folder of a link is called by; the reference registry's names are in lower case. */
export function digestOf(path: string): string | undefined {
  const [algorithm = '', hex = ''] = path.split('/').slice(-2);
  return parseDigest(`${algorithm}:${hex}`.toLowerCase())?.toString();
}

function digestsOf(path: string): readonly string[] {
  const digest = digestOf(path);
  return digest === undefined ? [] : [digest];
}

export function namesBy(
  { path, repository }: LinkPlace,
  digests: readonly string[],
): NameEntry & { readonly kind: 'names' } {
  return { kind: 'names', by: 'link', path: `${path}/link`, repository, digests };
}

export function nameDamaged(path: string, place: LinkPlace, reason: string): NameEntry {
  return { kind: 'damaged', damage: damageOf(path, nameOf(place), reason) };
}

export function nameHidden(path: string, repository: string, reason: string): NameEntry {
  return { kind: 'hidden', damage: damageOf(path, nameOf({ repository }), reason) };
}

export function nameOf({ repository }: Pick<LinkPlace, 'repository'>): string | undefined {
  return repository === '' ? undefined : repository;
}

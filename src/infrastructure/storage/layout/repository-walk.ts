import type { StorageDriver, StorageEntry } from '../../../application/ports/storage/storage-driver.js';
import type { TreeDamage } from '../../../application/ports/storage/stored-tree.js';
import { damageOfFault, LEADS_NOWHERE } from '../../../application/services/damage-of-fault.js';
import { damageOf, isAddressable, NO_FOLDER } from './tree-damage.js';
import { repositoriesPath, storedPath } from './paths.js';

/** Folders that are looked at before their turn. */
const AHEAD = 16;

type OnDamage = (damage: TreeDamage) => void;

/** A folder on the way from the root to where the walk is. */
interface Level {
  /** Of all names in it: empty, or it ends in a slash. */
  readonly prefix: string;
  readonly identity: string | undefined;
  /** What is left, last first: `x` is the folder itself, `x/` all that lies in it. */
  readonly keys: string[];
  /** Folders that were looked at, and what lies in them. */
  readonly looked: Map<string, Folder>;
  /** Folders that are being looked at before their turn. */
  readonly looking: Map<string, Promise<Folder | undefined>>;
}

interface Folder {
  readonly isRepository: boolean;
  readonly identity: string | undefined;
  readonly children: readonly StorageEntry[];
}

/**
 * Walks all folders of repositories in byte order of their names. `a-b` comes between `a` and `a/b`: a walk that went
 * into each folder at once would see them otherwise. So what lies in a folder is an item of its own among its siblings.
 */
export class RepositoryWalk {
  readonly #driver: StorageDriver;
  readonly #onDamage: OnDamage;
  readonly #marks: readonly string[];

  /** @param marks a folder that holds one of these is a repository */
  constructor(
    driver: StorageDriver,
    onDamage: OnDamage,
    marks: readonly string[] = ['_layers', '_manifests'],
  ) {
    this.#driver = driver;
    this.#onDamage = onDamage;
    this.#marks = marks;
  }

  /** Names of repositories strictly behind `after`. */
  async *names(after: string, signal: AbortSignal): AsyncGenerator<string> {
    const root = await this.#look(repositoriesPath, []);
    const levels = root === undefined ? [] : [this.#level('', root)];
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      signal.throwIfAborted();
      const key = level.keys.pop();
      if (key === undefined) {
        levels.pop();
      } else if (key.endsWith('/')) {
        const folder = take(level.looked, key.slice(0, -1));
        if (folder !== undefined) levels.push(this.#level(level.prefix + key, folder));
      } else if (mayHold(level.prefix + key, after)) {
        const name = level.prefix + key;
        const looking = take(level.looking, key) ?? this.#look(storedPath(name), [...levels]);
        this.#lookAhead(level, levels, after);
        const folder = await looking;
        if (folder === undefined) continue;
        if (folder.children.length > 0) level.looked.set(key, folder);
        if (folder.isRepository && name > after) yield name;
      }
    }
  }

  /** One look waits for the storage most of the time: the next folders are looked at meanwhile. */
  #lookAhead(level: Level, levels: readonly Level[], after: string): void {
    for (const key of level.keys.slice(-2 * AHEAD)) {
      if (key.endsWith('/') || level.looking.has(key) || !mayHold(level.prefix + key, after)) continue;
      const looking = this.#look(storedPath(level.prefix + key), [...levels]);
      // Whoever stops before its turn never hears of its failure.
      looking.catch(() => undefined);
      level.looking.set(key, looking);
    }
  }

  /** Undefined when nobody can look into it, which is reported. */
  async #look(path: string, above: readonly Level[]): Promise<Folder | undefined> {
    try {
      const [entries, stat] = await Promise.all([
        this.#driver.list(path),
        this.#driver.listing === undefined ? this.#driver.stat(path) : undefined,
      ]);
      const identity = stat?.identity;
      if (identity !== undefined && above.some((level) => level.identity === identity)) {
        this.#onDamage(damageOf(path, undefined, 'is a link that leads back to where it lies'));
        return undefined;
      }
      const isRepository = entries.some(({ name }) => this.#marks.includes(name));
      return { isRepository, identity, children: entries.filter(({ name }) => !name.startsWith('_')) };
    } catch (error) {
      this.#onDamage(damageOfFault(error, path, undefined));
      return undefined;
    }
  }

  #level(prefix: string, { identity, children }: Folder): Level {
    const folders = children.filter((entry) => this.#isFolder(prefix, entry));
    const keys = folders.flatMap(({ name }) => [name, `${name}/`]);
    return { prefix, identity, keys: keys.toSorted().toReversed(), looked: new Map(), looking: new Map() };
  }

  #isFolder(prefix: string, { name, kind }: StorageEntry): boolean {
    const path = storedPath(prefix + name);
    if (!isAddressable(name)) {
      this.#onDamage(damageOf(path, undefined, 'is a name that no repository can have'));
    } else if (kind !== 'folder') {
      this.#onDamage(damageOf(path, undefined, kind === 'file' ? NO_FOLDER : LEADS_NOWHERE));
    } else return true;
    return false;
  }
}

/** Whether the folder or anything in it is behind `after`. */
function mayHold(name: string, after: string): boolean {
  return `${name}/` >= after || after.startsWith(`${name}/`);
}

function take<K, V>(map: Map<K, V>, key: K): V | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}

import { RepositoryName } from '../../domain/repository/repository-name.js';
import type { RepositoryCatalog } from '../ports/metadata/repository-catalog.js';
import type { StoredTree } from '../ports/storage/stored-tree.js';
import type { TreeChanges } from '../ports/storage/tree-changes.js';
import type { Clock } from '../ports/system/clock.js';
import { mapInOrder } from './map-in-order.js';

/** Makes the database say of a repository what the tree says. */
export interface TakeIn {
  execute(repository: string, signal: AbortSignal): Promise<void>;
}

/** Repositories that are compared at once in the background. */
const AT_ONCE = 8;
const PAGE = 500;
/** How long (ms) a question about all repositories waits for the end. */
const PATIENCE = 5_000;

/**
 * Finds out what another program, the reference registry, has changed in the tree while no Stowage ran. Every
 * repository is compared before its first use, all of them in the background: the first answer waits for none but its
 * own.
 */
export class TreeComparison {
  readonly #tree: StoredTree;
  readonly #changes: TreeChanges;
  readonly #catalog: RepositoryCatalog;
  readonly #takeIn: TakeIn;
  readonly #clock: Clock;
  /** Those asked for before their turn, and those at work. */
  readonly #compared = new Map<string, Promise<void>>();
  /** Everything up to this name is compared. */
  #upTo = '';
  #since: number | undefined;
  #signal: AbortSignal | undefined;
  #whole: Promise<void> | undefined;

  constructor(
    tree: StoredTree,
    changes: TreeChanges,
    catalog: RepositoryCatalog,
    takeIn: TakeIn,
    clock: Clock,
  ) {
    this.#tree = tree;
    this.#changes = changes;
    this.#catalog = catalog;
    this.#takeIn = takeIn;
    this.#clock = clock;
  }

  /** Whether every repository has been compared, or none has to be. */
  get ended(): boolean {
    return this.#signal === undefined;
  }

  /**
   * Begins to compare what was changed since a moment, and goes on until all is compared.
   * @param since ms of Unix time on the storage's clock
   * @returns at the end; rejects with the signal's reason, or with the first fault of storage or database
   */
  async run(since: number, signal: AbortSignal): Promise<void> {
    this.#since = since;
    this.#signal = signal;
    this.#whole = this.#compareAll(signal);
    await this.#whole;
    this.#signal = undefined;
    this.#compared.clear();
  }

  /**
   * What has to be awaited before the repository is used; undefined when nothing has.
   * @param repository any text that a request names
   */
  before(repository: string): Promise<void> | undefined {
    if (this.#signal === undefined || repository <= this.#upTo) return undefined;
    if (RepositoryName.ofExisting(repository) === undefined) return undefined;
    return this.#compare(repository, this.#signal);
  }

  /** Waits for the end of it all, but not for long. */
  async beforeAll(): Promise<void> {
    if (this.#whole === undefined || this.ended) return;
    await Promise.race([Promise.allSettled([this.#whole]), this.#clock.sleep(PATIENCE)]);
  }

  async #compareAll(signal: AbortSignal): Promise<void> {
    const compared = mapInOrder(
      this.#names(signal),
      AT_ONCE,
      async (name) => {
        await this.#compare(name, signal);
        return name;
      },
      signal,
    );
    for await (const name of compared) {
      this.#upTo = name;
      this.#compared.delete(name);
    }
  }

  async #compare(repository: string, signal: AbortSignal): Promise<void> {
    const earlier = this.#compared.get(repository);
    if (earlier !== undefined) return earlier;
    const comparison = this.#compareOnce(repository, signal);
    this.#compared.set(repository, comparison);
    try {
      await comparison;
    } catch (error) {
      // Whoever asks next tries again.
      this.#compared.delete(repository);
      throw error;
    }
  }

  async #compareOnce(repository: string, signal: AbortSignal): Promise<void> {
    const changed = await this.#changes.mayHaveChanged(repository, this.#since ?? 0);
    if (changed) await this.#takeIn.execute(repository, signal);
  }

  /** Of tree and database together, in byte order: a repository may be in one of them only. */
  async *#names(signal: AbortSignal): AsyncGenerator<string> {
    const inTree = this.#tree.repositories(undefined, signal)[Symbol.asyncIterator]();
    const known = this.#knownNames();
    let [one, other] = [await inTree.next(), await known.next()];
    while (one.done !== true || other.done !== true) {
      const [left, right] = [nameOf(one), nameOf(other)];
      const next = left === undefined || (right !== undefined && right < left) ? right : left;
      if (next !== undefined) yield next;
      if (left === next) one = await inTree.next();
      if (right === next) other = await known.next();
    }
  }

  async *#knownNames(): AsyncGenerator<string> {
    for (let after: string | undefined; ;) {
      const page = await this.#catalog.page({ after, limit: PAGE });
      yield* page;
      after = page.at(-1);
      if (page.length < PAGE) return;
    }
  }
}

function nameOf(result: IteratorResult<string, unknown>): string | undefined {
  return result.done === true ? undefined : result.value;
}

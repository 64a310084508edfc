import { RepositoryName } from '../../domain/repository/repository-name.js';
import type { TreeChanges } from '../ports/storage/tree-changes.js';
import type { Clock } from '../ports/system/clock.js';
import type { IndexComparison } from './index-comparison.js';
import { mapInOrder } from './map-in-order.js';

/** Makes the database say of a repository what the tree says. */
export interface TakeIn {
  execute(repository: string, signal: AbortSignal): Promise<void>;
}

/** All repositories, those of the tree and those of the database, in byte order. */
export type Repositories = Pick<IndexComparison, 'repositories'>;

/** Repositories that are compared at once in the background. */
const AT_ONCE = 8;
/** How long (ms) a question about all repositories waits for the end. */
const PATIENCE = 5_000;

/**
 * Finds out what another program, the reference registry, has changed in the tree while no Stowage ran. Every
 * repository is compared before its first use, all of them in the background: the first answer waits for none but its
 * own.
 */
export class TreeComparison {
  readonly #names: Repositories;
  readonly #changes: TreeChanges;
  readonly #takeIn: TakeIn;
  readonly #clock: Clock;
  /** Those asked for before their turn, and those at work. */
  readonly #compared = new Map<string, Promise<void>>();
  /** Everything up to this name is compared. */
  #upTo = '';
  #since: number | undefined;
  #signal: AbortSignal | undefined;
  #whole: Promise<void> | undefined;

  constructor(names: Repositories, changes: TreeChanges, takeIn: TakeIn, clock: Clock) {
    this.#names = names;
    this.#changes = changes;
    this.#takeIn = takeIn;
    this.#clock = clock;
  }

  /** Whether every repository has been compared, or none has to be. */
  get ended(): boolean {
    return this.#signal === undefined;
  }

  /**
   * Begins to compare what was changed since a moment, and goes on until all is compared. After a fault it may be run
   * again: what was compared is not looked at a second time, since by then this process has changed it.
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
    const whole = this.#whole;
    if (whole === undefined || this.ended) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.every(PATIENCE, resolve);
      const end = (): void => {
        cancel();
        resolve();
      };
      // That it failed is for who runs it; here only its end counts.
      whole.then(end, end);
    });
  }

  async #compareAll(signal: AbortSignal): Promise<void> {
    const compared = mapInOrder(
      this.#names.repositories(signal),
      AT_ONCE,
      async ({ name }) => {
        if (name > this.#upTo) await this.#compare(name, signal);
        return name;
      },
      signal,
    );
    for await (const name of compared) {
      if (name > this.#upTo) this.#upTo = name;
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
}

import type { LinkedName } from '../../../domain/repository/linked-name.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { Clock } from '../../ports/system/clock.js';
import type { IndexComparison } from '../../services/index-comparison.js';
import type { NameComparison } from '../../services/name-comparison.js';
import type { NameRepair } from '../../services/name-repair.js';
import { repairDifferences } from '../../services/repair-differences.js';
import { Turns } from '../../services/turns.js';

/** How long (ms) the list of repositories may be behind. */
const CATALOG_AGE = 5_000;
const NEVER = new AbortController().signal;

/** What a request is about to read. */
export type Followed =
  | LinkedName
  | { readonly kind: 'repository'; readonly repository: RepositoryName }
  | { readonly kind: 'catalog' };

/**
 * Lets the database follow a tree that another registry is writing: before something is read, what the tree says of it
 * by now is taken in, and what it says no more is taken out.
 */
export class FollowTree {
  readonly #walk: IndexComparison;
  readonly #comparison: NameComparison;
  readonly #newRepair: () => NameRepair;
  readonly #clock: Clock;
  readonly #turns = new Turns();
  #catalogAt = 0;

  /** @param newRepair writes into the database, and nothing into the tree */
  constructor(walk: IndexComparison, comparison: NameComparison, newRepair: () => NameRepair, clock: Clock) {
    this.#walk = walk;
    this.#comparison = comparison;
    this.#newRepair = newRepair;
    this.#clock = clock;
  }

  async execute(what: Followed): Promise<void> {
    if (what.kind === 'catalog') await this.#followCatalog();
    else if (what.kind === 'repository') await this.#inTurn(what.repository);
    else if (await this.#differs(what)) await this.#inTurn(what.repository);
  }

  /** What is damaged or dangles in the tree stays as it is, however often one looks. */
  async #differs(name: LinkedName): Promise<boolean> {
    const kind = (await this.#comparison.look(name))?.kind;
    return kind === 'only-in-tree' || kind === 'only-in-database' || kind === 'other-target';
  }

  /** Repositories that are new, and those of which nothing is left. */
  async #followCatalog(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#catalogAt < CATALOG_AGE) return;
    this.#catalogAt = now;
    for await (const { name, sides } of this.#walk.repositories(NEVER)) {
      const repository = RepositoryName.ofExisting(name);
      if (repository !== undefined && !sides.every(Boolean)) await this.#inTurn(repository);
    }
  }

  async #inTurn(repository: RepositoryName): Promise<void> {
    const key = repository.toString();
    await this.#turns.take([key], () => this.#refresh(key));
  }

  async #refresh(repository: string): Promise<void> {
    const differences = this.#walk.inRepository(repository, NEVER);
    const steps = repairDifferences(
      differences,
      this.#newRepair(),
      { target: 'database', deletes: true },
      NEVER,
    );
    // Done one by one, as they are asked for.
    for await (const step of steps) void step;
  }
}

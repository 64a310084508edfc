import { keyOfName } from '../../../domain/repository/linked-name.js';
import type { Instances } from '../../ports/system/instances.js';
import type { Logger } from '../../ports/system/logger.js';
import type { IndexComparison } from '../../services/index-comparison.js';
import type { IndexDifference } from '../../services/index-difference.js';
import type { NameRepair } from '../../services/name-repair.js';
import { planRepair } from '../../services/repair-plan.js';
import type { TakeIn } from '../../services/tree-comparison.js';

/**
 * Makes the database say of a repository what the tree says, after the reference registry has changed it: names that
 * came, moved or went. What can not be read, or is still needed by what stays, is kept and reported.
 */
export class TakeInRepository implements TakeIn {
  readonly #walk: IndexComparison;
  readonly #makeRepair: () => NameRepair;
  readonly #instances: Instances;
  readonly #logger: Logger;

  /** @param makeRepair makes one that repairs the database; several repositories are taken in at once */
  constructor(walk: IndexComparison, makeRepair: () => NameRepair, instances: Instances, logger: Logger) {
    this.#walk = walk;
    this.#makeRepair = makeRepair;
    this.#instances = instances;
    this.#logger = logger;
  }

  async execute(repository: string, signal: AbortSignal): Promise<void> {
    // Another Stowage may be between a commit and its link: only what stays different is a change of somebody else.
    const settled = this.#instances.hasCompany();
    const database = this.#makeRepair();
    const taken = { add: 0, change: 0, delete: 0 };
    for await (const difference of this.#walk.inRepository(repository, settled, signal)) {
      const action = await this.#take(difference, database);
      if (action !== undefined) taken[action] += 1;
    }
    if (taken.add + taken.change + taken.delete === 0) return;
    await database.flush();
    this.#logger.info('took in what another program changed', { repository, ...taken });
  }

  async #take(
    difference: IndexDifference,
    database: NameRepair,
  ): Promise<'add' | 'change' | 'delete' | undefined> {
    const step = planRepair(difference, 'database', true);
    if (difference.kind === 'damaged' || step.action === 'leave') {
      this.#leave(difference, step.action === 'leave' ? step.reason : 'it can not be read');
      return undefined;
    }
    const left = await (step.action === 'delete' ? database.remove(difference) : database.settle(difference));
    if (left === undefined) return step.action;
    this.#leave(difference, left);
    return undefined;
  }

  #leave(difference: IndexDifference, reason: string): void {
    const what =
      difference.kind === 'damaged'
        ? { path: difference.damage.path, why: difference.damage.reason }
        : { name: keyOfName(difference.name) };
    this.#logger.warn('tree and database differ; the name stays as it is', { ...what, reason });
  }
}

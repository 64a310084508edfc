import { keyOfName } from '../../../domain/repository/linked-name.js';
import type { Instances } from '../../ports/system/instances.js';
import type { Logger } from '../../ports/system/logger.js';
import type { IndexComparison } from '../../services/index-comparison.js';
import type { IndexDifference } from '../../services/index-difference.js';
import type { NameRepair } from '../../services/name-repair.js';
import { repairDifferences } from '../../services/repair-differences.js';
import type { SettledDifferences } from '../../services/settled-differences.js';
import type { TakeIn } from '../../services/tree-comparison.js';

/**
 * Makes the database say of a repository what the tree says, after the reference registry has changed it: names that
 * came, moved or went. What can not be read, or is still needed by what stays, is kept and reported.
 */
export class TakeInRepository implements TakeIn {
  readonly #walk: IndexComparison;
  readonly #settled: SettledDifferences;
  readonly #makeRepair: () => NameRepair;
  readonly #instances: Instances;
  readonly #logger: Logger;

  /** @param makeRepair makes one that repairs the database; several repositories are taken in at once */
  constructor(
    walk: IndexComparison,
    settled: SettledDifferences,
    makeRepair: () => NameRepair,
    instances: Instances,
    logger: Logger,
  ) {
    this.#walk = walk;
    this.#settled = settled;
    this.#makeRepair = makeRepair;
    this.#instances = instances;
    this.#logger = logger;
  }

  async execute(repository: string, signal: AbortSignal): Promise<void> {
    const database = this.#makeRepair();
    const taken = { add: 0, change: 0, delete: 0 };
    const request = { target: 'database', deletes: true } as const;
    // Another Stowage may be between a commit and its link: beside one, only what stays different counts. It is asked
    // for after each look, since it may just have started.
    const found = this.#walk.inRepository(repository, signal);
    const differences = this.#settled.of(found, signal, () => this.#instances.hasCompany());
    for await (const { difference, step } of repairDifferences(differences, database, request, signal)) {
      if (step.action === 'leave') this.#leave(difference, step.reason);
      else taken[step.action] += 1;
    }
    if (taken.add + taken.change + taken.delete === 0) return;
    await database.flush();
    this.#logger.info('took in what another program changed', { repository, ...taken });
  }

  #leave(difference: IndexDifference, reason: string): void {
    const what =
      difference.kind === 'damaged'
        ? { path: difference.damage.path, why: difference.damage.reason }
        : { name: keyOfName(difference.name) };
    this.#logger.warn('tree and database differ; the name stays as it is', { ...what, reason });
  }
}

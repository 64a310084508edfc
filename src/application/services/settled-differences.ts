import { RepositoryName } from '../../domain/repository/repository-name.js';
import type { StoredTree } from '../ports/storage/stored-tree.js';
import type { Clock } from '../ports/system/clock.js';
import { keyOfDifference, type IndexDifference } from './index-difference.js';
import { mapInOrder } from './map-in-order.js';
import type { NameComparison } from './name-comparison.js';
import { namesInTree } from './names-in-tree.js';

const IN_FLIGHT = 64;
/** Differences that wait for their second look. */
const MOST_DOUBTS = 5_000;
/** How long (ms) a change that a running registry makes may be in the database and not in the tree yet. */
const SETTLING = 1_000;
/** A name that is moved all the time may look the same at two looks; at so many, this far (ms) apart, it does not. */
const MORE_LOOKS = 4;
const BETWEEN_LOOKS = 50;

/** Tells differences from changes that were on their way when somebody looked. */
export class SettledDifferences {
  readonly #tree: StoredTree;
  readonly #comparison: NameComparison;
  readonly #clock: Clock;

  constructor(tree: StoredTree, comparison: NameComparison, clock: Clock) {
    this.#tree = tree;
    this.#comparison = comparison;
    this.#clock = clock;
  }

  /**
   * Those that are the same at each further look, as they come. Rejects with the signal's reason.
   * @param isDoubtful asked when a difference is found: one that is not is told at once
   */
  async *of(
    found: AsyncIterable<IndexDifference>,
    signal: AbortSignal,
    isDoubtful: () => boolean = () => true,
  ): AsyncGenerator<IndexDifference> {
    const doubts: IndexDifference[] = [];
    for await (const difference of found) {
      if (!isDoubtful()) {
        yield difference;
        continue;
      }
      doubts.push(difference);
      if (doubts.length >= MOST_DOUBTS) yield* await this.#stillThere(doubts.splice(0), signal);
    }
    yield* await this.#stillThere(doubts, signal);
  }

  async #stillThere(
    doubts: readonly IndexDifference[],
    signal: AbortSignal,
  ): Promise<readonly IndexDifference[]> {
    if (doubts.length === 0) return doubts;
    await this.#wait(SETTLING, signal);
    const damages = new Map<string, Promise<ReadonlySet<string>>>();
    let left = await this.#same(doubts, signal, (doubt) => this.#isStillDamaged(doubt, damages, signal));
    for (let look = 0; look < MORE_LOOKS && left.some(({ kind }) => kind !== 'damaged'); look += 1) {
      await this.#wait(BETWEEN_LOOKS, signal);
      left = await this.#same(left, signal, async () => true);
    }
    return left;
  }

  async #same(
    doubts: readonly IndexDifference[],
    signal: AbortSignal,
    isDamaged: (doubt: Damaged) => Promise<boolean>,
  ): Promise<readonly IndexDifference[]> {
    const isSame = async (doubt: IndexDifference): Promise<boolean> => {
      if (doubt.kind === 'damaged') return isDamaged(doubt);
      const again = await this.#comparison.look(doubt.name);
      return again !== undefined && keyOfDifference(again) === keyOfDifference(doubt);
    };
    const kept: IndexDifference[] = [];
    let at = 0;
    for await (const same of mapInOrder(doubts, IN_FLIGHT, isSame, signal)) {
      const doubt = doubts[at];
      if (same && doubt !== undefined) kept.push(doubt);
      at += 1;
    }
    return kept;
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms);
    signal.throwIfAborted();
  }

  /** Of a path only the repository is known, so that is read once more. */
  async #isStillDamaged(
    doubt: Damaged,
    known: Map<string, Promise<ReadonlySet<string>>>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { repository } = doubt.damage;
    const name = repository === undefined ? undefined : RepositoryName.ofExisting(repository);
    if (repository === undefined || name === undefined) return true;
    const damages = known.get(repository) ?? damagesIn(this.#tree, name, signal);
    known.set(repository, damages);
    return (await damages).has(keyOfDifference(doubt));
  }
}

type Damaged = IndexDifference & { readonly kind: 'damaged' };

async function damagesIn(
  tree: StoredTree,
  repository: RepositoryName,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  const stored = tree.repository(repository.toString());
  for (const kind of ['tag', 'revision', 'layer'] as const) {
    for await (const found of namesInTree(stored, repository, kind, signal)) {
      if (found.kind === 'damaged') keys.add(keyOfDifference(found));
    }
  }
  return keys;
}

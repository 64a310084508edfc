import { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { AdoptedRows, TreeAdoption } from '../../ports/metadata/tree-adoption.js';
import type { StoredTree, TreeDamage } from '../../ports/storage/stored-tree.js';
import type { Clock } from '../../ports/system/clock.js';
import { mapInOrder } from '../../services/map-in-order.js';
import type { AdoptionListener, RepositoryAdoption } from '../../services/repository-adoption.js';

/** Repositories that are read at once: small ones would wait for the storage most of the time. */
const AT_ONCE = 4;
/** After so many repositories it is noted how far it has come; a killed adoption repeats fewer. */
const NOTED_EVERY = 64;

/** What was done so far. Only rows that were not there before are counted. */
export interface AdoptionCounts extends AdoptedRows {
  readonly repositories: number;
  /** Things in the tree that can not be served as they are. */
  readonly damaged: number;
}

export interface AdoptionReport {
  readonly counts: AdoptionCounts;
  /** Whether it went on where an earlier one was ended. */
  readonly resumed: boolean;
}

/** Who watches an adoption. */
export interface AdoptionObserver {
  /** After each repository. */
  progressed(counts: AdoptionCounts): void;
  damaged(damage: TreeDamage): void;
}

/** Lets the tree say which database speaks for it: TreeOwnership. */
interface TreeClaim {
  claim(): Promise<void>;
}

/** Makes the database say what a tree says that others have written. */
export class AdoptTree {
  readonly #tree: StoredTree;
  readonly #adoption: TreeAdoption;
  readonly #repositories: RepositoryAdoption;
  readonly #ownership: TreeClaim;
  readonly #clock: Clock;

  constructor(
    tree: StoredTree,
    adoption: TreeAdoption,
    repositories: RepositoryAdoption,
    ownership: TreeClaim,
    clock: Clock,
  ) {
    this.#tree = tree;
    this.#adoption = adoption;
    this.#repositories = repositories;
    this.#ownership = ownership;
    this.#clock = clock;
  }

  /**
   * Goes on behind the last repository that an adoption before has finished. When it resolves, everything it wrote
   * survives `kill -9`, and the tree says that it belongs to this database. Nothing else in it is changed.
   * @returns undefined when an adoption has come to its end before: the database then speaks for the tree
   * @throws StorageFault, MetadataUnavailable; the signal's reason when it is aborted, between two writes
   */
  async execute(observer: AdoptionObserver, signal: AbortSignal): Promise<AdoptionReport | undefined> {
    const before = await this.#adoption.progress();
    if (before?.finishedAt !== undefined) return undefined;
    const { lastRepository } = await this.#adoption.begin(this.#clock.now());
    const tally = new Tally(observer);
    const forget = await this.#tree.learnBlobs(signal);
    try {
      await this.#adoptAll(lastRepository, tally, signal);
    } finally {
      forget();
    }
    // In this order: what is killed in between is claimed by the next start.
    await this.#ownership.claim();
    await this.#adoption.finish(this.#clock.now());
    return { counts: tally.counts, resumed: before !== undefined };
  }

  async #adoptAll(lastRepository: string | undefined, tally: Tally, signal: AbortSignal): Promise<void> {
    const names = this.#tree.repositories(lastRepository, signal, (damage) => tally.damaged(damage));
    const adopt = async (name: string): Promise<string> => {
      await this.#adoptOne(name, tally, signal);
      return name;
    };
    for await (const name of mapInOrder(names, AT_ONCE, adopt, signal)) {
      tally.finished();
      if (tally.counts.repositories % NOTED_EVERY === 0) await this.#adoption.reach(name);
    }
  }

  async #adoptOne(name: string, listener: AdoptionListener, signal: AbortSignal): Promise<void> {
    const repository = RepositoryName.ofExisting(name);
    if (repository !== undefined) {
      // What an adoption that was killed has written may be older than the tree.
      await this.#repositories.adopt(repository, listener, signal, 'follow');
    } else {
      const reason = 'is a name that no repository can have';
      listener.damaged({ path: this.#tree.pathOf(name), repository: name, reason });
    }
  }
}

class Tally implements AdoptionListener {
  readonly #observer: AdoptionObserver;
  #counts: AdoptionCounts = { repositories: 0, blobs: 0, links: 0, manifests: 0, tags: 0, damaged: 0 };

  constructor(observer: AdoptionObserver) {
    this.#observer = observer;
  }

  get counts(): AdoptionCounts {
    return this.#counts;
  }

  added({ blobs, links, manifests, tags }: AdoptedRows): void {
    const { repositories, damaged, ...rows } = this.#counts;
    this.#counts = {
      repositories,
      damaged,
      blobs: rows.blobs + blobs,
      links: rows.links + links,
      manifests: rows.manifests + manifests,
      tags: rows.tags + tags,
    };
    this.#observer.progressed(this.#counts);
  }

  damaged(damage: TreeDamage): void {
    this.#counts = { ...this.#counts, damaged: this.#counts.damaged + 1 };
    this.#observer.damaged(damage);
  }

  finished(): void {
    this.#counts = { ...this.#counts, repositories: this.#counts.repositories + 1 };
    this.#observer.progressed(this.#counts);
  }
}

import { RepositoryName } from '../../domain/repository/repository-name.js';
import type { ContentRegister } from '../ports/metadata/content-register.js';
import type { NameEntry, TreeInventory } from '../ports/storage/tree-inventory.js';
import type { OrphanCandidates } from './orphan-candidates.js';
import type { OrphanRun } from './orphan-run.js';
import type { AdoptionListener, RepositoryAdoption } from './repository-adoption.js';

type Naming = NameEntry & { readonly kind: 'names' };

const NOBODY: AdoptionListener = { added: () => undefined, damaged: () => undefined };

/**
 * Holds candidates against everything in the tree that names content: more than is served, and all that the reference
 * registry's own collection would mark. A repository with a link to something that no row knows is taken in whole: the
 * database is behind the tree.
 */
export class OrphanNames {
  readonly #inventory: TreeInventory;
  readonly #contents: ContentRegister;
  readonly #adoption: RepositoryAdoption;

  constructor(inventory: TreeInventory, contents: ContentRegister, adoption: RepositoryAdoption) {
    this.#inventory = inventory;
    this.#contents = contents;
    this.#adoption = adoption;
  }

  /** Marks those that something names. False when something is hidden, so that this is not known of the rest. */
  async mark(candidates: OrphanCandidates, run: OrphanRun): Promise<boolean> {
    const { tally, signal } = run;
    let isClear = true;
    let behind: string | undefined;
    for await (const entry of this.#inventory.names(signal)) {
      if (entry.kind === 'names') {
        tally.read();
        if (behind !== undefined && behind !== entry.repository) {
          await this.#adopt(behind, run);
          behind = undefined;
        }
        const isNew = await this.#markNamed(entry, candidates, run);
        if (isNew && entry.by === 'link') behind = entry.repository;
      } else if (entry.kind === 'damaged') tally.damaged.put(entry.damage);
      else {
        tally.hidden.put(entry.damage);
        isClear = false;
      }
    }
    if (behind !== undefined) await this.#adopt(behind, run);
    await this.#countAdopted(candidates, run);
    return isClear;
  }

  /** @returns whether it names something that no row knows */
  async #markNamed(
    { digests, path, repository }: Naming,
    candidates: OrphanCandidates,
    { tally }: OrphanRun,
  ): Promise<boolean> {
    let isUnknown = false;
    for (const text of digests) {
      const candidate = candidates.get(text);
      if (candidate === undefined) continue;
      const { digest, size } = candidate;
      if (!candidate.isNamed) {
        const [unknown] = await this.#contents.unknown([digest]);
        if (unknown === undefined) {
          // Somebody has pushed it meanwhile.
          candidates.remove(candidate);
          continue;
        }
        candidate.isNamed = true;
        tally.named.put({ digest, path, repository }, size);
      }
      isUnknown = true;
    }
    return isUnknown;
  }

  async #adopt(name: string, { dryRun, signal }: OrphanRun): Promise<void> {
    const repository = RepositoryName.ofExisting(name);
    if (repository === undefined || dryRun) return;
    await this.#adoption.adopt(repository, NOBODY, signal);
  }

  async #countAdopted(candidates: OrphanCandidates, { tally }: OrphanRun): Promise<void> {
    const named = candidates.which(true).map(({ digest }) => digest);
    const left = await this.#contents.unknown(named);
    tally.adopted += named.length - left.length;
  }
}

import type { Digest } from '../../domain/content/digest.js';
import type { ContentRegister } from '../ports/metadata/content-register.js';
import type { OrphanScans } from '../ports/metadata/orphan-scans.js';
import type { Leftover, TreeInventory } from '../ports/storage/tree-inventory.js';
import { mapInOrder } from './map-in-order.js';
import type { OrphanCandidates } from './orphan-candidates.js';
import { isYoung, type OrphanRun } from './orphan-run.js';

/** Blobs that are asked about at once: the answer stops the event loop for some milliseconds. */
const BATCH = 1_000;
const IN_FLIGHT = 32;

/** The last blob that was looked at, or that there is no further one. */
export type SearchEnd = Digest | 'end';

/** Walks the blobs of the tree for bytes that no row knows. */
export class OrphanSearch {
  readonly #inventory: TreeInventory;
  readonly #contents: ContentRegister;
  readonly #scans: OrphanScans;

  constructor(inventory: TreeInventory, contents: ContentRegister, scans: OrphanScans) {
    this.#inventory = inventory;
    this.#contents = contents;
    this.#scans = scans;
  }

  /** What a killed run had found and not settled. */
  async recall(found: OrphanCandidates, run: OrphanRun): Promise<void> {
    for (let after: Digest | undefined; ;) {
      run.signal.throwIfAborted();
      const noted = await this.#scans.candidates(after, BATCH);
      await this.#sift(noted, found, run);
      after = noted.at(-1);
      if (noted.length < BATCH) return;
    }
  }

  /** Looks on behind a blob until enough is found, and notes how far that was. */
  async fill(found: OrphanCandidates, after: Digest | undefined, run: OrphanRun): Promise<SearchEnd> {
    const batch: Digest[] = [];
    for await (const entry of this.#inventory.blobs(after, run.signal)) {
      if (entry.kind === 'damaged') run.tally.damaged.put(entry.damage);
      else if (entry.kind === 'leftover') await this.#remove(entry.leftover, run);
      else batch.push(entry.digest);
      if (batch.length < BATCH) continue;
      const last = await this.#look(batch.splice(0), found, run);
      if (last !== undefined && found.isFull) return last;
    }
    await this.#look(batch, found, run);
    return 'end';
  }

  async #look(
    digests: readonly Digest[],
    found: OrphanCandidates,
    run: OrphanRun,
  ): Promise<Digest | undefined> {
    const last = digests.at(-1);
    if (last === undefined) return undefined;
    const candidates = await this.#sift(digests, found, run);
    if (!run.dryRun) await this.#scans.reach(last, candidates);
    run.tally.looked(digests.length);
    return last;
  }

  /** Keeps those that no row knows and that are old enough. */
  async #sift(
    digests: readonly Digest[],
    found: OrphanCandidates,
    run: OrphanRun,
  ): Promise<readonly Digest[]> {
    const unknown = await this.#contents.unknown(digests);
    const look = async (digest: Digest) => ({ digest, file: await this.#inventory.blobFile(digest) });
    const old: Digest[] = [];
    for await (const { digest, file } of mapInOrder(unknown, IN_FLIGHT, look, run.signal)) {
      if (file === undefined) continue;
      if (isYoung(file, run)) run.tally.young.add(file.size);
      else {
        found.add(digest, file.size);
        run.tally.candidates.add(file.size);
        old.push(digest);
      }
    }
    return old;
  }

  async #remove(leftover: Leftover, run: OrphanRun): Promise<void> {
    if (isYoung(leftover, run)) {
      run.tally.young.add(leftover.size);
      return;
    }
    if (!run.dryRun) await this.#inventory.removeLeftover(leftover);
    run.tally.leftovers.put(leftover.path, leftover.size);
  }
}

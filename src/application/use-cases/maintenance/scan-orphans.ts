import type { Digest } from '../../../domain/content/digest.js';
import type { ContentRegister, OrphanedContent } from '../../ports/metadata/content-register.js';
import type { OrphanScan, OrphanScans } from '../../ports/metadata/orphan-scans.js';
import type { TreeChanges } from '../../ports/storage/tree-changes.js';
import type { TreeInventory } from '../../ports/storage/tree-inventory.js';
import type { Clock } from '../../ports/system/clock.js';
import type { LooseUploads } from '../../services/loose-uploads.js';
import { mapInOrder } from '../../services/map-in-order.js';
import { OrphanCandidates, type OrphanCandidate } from '../../services/orphan-candidates.js';
import type { OrphanNames } from '../../services/orphan-names.js';
import { isYoung, type OrphanRun } from '../../services/orphan-run.js';
import type { OrphanSearch } from '../../services/orphan-search.js';
import { OrphanTally, type OrphanObserver, type OrphanReport } from '../../services/orphan-tally.js';

/** Candidates that are held against the names of the tree at once: some 20 MB. Each time all names are read. */
const MOST = 50_000;
const BATCH = 500;
const IN_FLIGHT = 32;
/** A scan that was ended longer ago (ms) is begun anew: what it has passed has changed. */
const RESUMABLE = 24 * 3_600_000;

export interface OrphanScanRequest {
  /** Bytes that are younger (ms) are kept. */
  readonly grace: number;
  /** Folders of uploads that are younger (ms) are kept. */
  readonly uploadAge: number;
  /** Changes nothing, and notes nothing. */
  readonly dryRun: boolean;
}

/**
 * Looks for bytes in the tree that no row of the database knows, and hands to collection those that nothing in the tree
 * names either. No bytes of a blob are removed here.
 *
 * Blobs are walked first, in the order of digests. Those without a row are few; when they are known, everything that
 * names content is read once, and only what is named by none of it is registered. So names are always read after the
 * blobs that they may name, and in the run that registers, however often a scan was killed. What is resumed is the walk.
 */
export class ScanOrphans {
  readonly #search: OrphanSearch;
  readonly #names: OrphanNames;
  readonly #uploads: LooseUploads;
  readonly #inventory: TreeInventory;
  readonly #changes: TreeChanges;
  readonly #contents: ContentRegister;
  readonly #scans: OrphanScans;
  readonly #clock: Clock;
  readonly #most: number;

  constructor(
    steps: { readonly search: OrphanSearch; readonly names: OrphanNames; readonly uploads: LooseUploads },
    tree: { readonly inventory: TreeInventory; readonly changes: TreeChanges },
    rows: { readonly contents: ContentRegister; readonly scans: OrphanScans },
    clock: Clock,
    most = MOST,
  ) {
    this.#search = steps.search;
    this.#names = steps.names;
    this.#uploads = steps.uploads;
    this.#inventory = tree.inventory;
    this.#changes = tree.changes;
    this.#contents = rows.contents;
    this.#scans = rows.scans;
    this.#clock = clock;
    this.#most = most;
  }

  /**
   * Call it when the database has taken over the tree, and has been compared with it.
   * @throws StorageFault, MetadataUnavailable; the signal's reason when it is aborted. What was done until then stands,
   * and the next run goes on from there.
   */
  async execute(
    request: OrphanScanRequest,
    observe: OrphanObserver,
    signal: AbortSignal,
  ): Promise<OrphanReport> {
    const run = await this.#begin(request, new OrphanTally(observe), signal);
    const isDecided = await this.#scanBlobs(run);
    run.tally.enter('uploads');
    await this.#uploads.remove(request.uploadAge, run);
    if (isDecided && !run.dryRun) await this.#scans.end();
    return run.tally.report;
  }

  async #begin(
    { grace, dryRun }: OrphanScanRequest,
    tally: OrphanTally,
    signal: AbortSignal,
  ): Promise<OrphanRun> {
    // To ask the storage what time it is there is to write to it.
    const now = Math.floor(dryRun ? this.#clock.now() : await this.#changes.now());
    const earlier = dryRun ? undefined : await this.#scans.current();
    tally.resumed = earlier !== undefined && earlier.grace === grace && now - earlier.startedAt < RESUMABLE;
    const scan: OrphanScan =
      tally.resumed && earlier !== undefined ? earlier : { startedAt: now, grace, after: undefined };
    if (!tally.resumed && !dryRun) await this.#scans.begin(scan);
    return { scan, now, dryRun, tally, signal };
  }

  /** False when something is hidden: then it ends there, and the next run decides. */
  async #scanBlobs(run: OrphanRun): Promise<boolean> {
    let found = new OrphanCandidates(this.#most);
    if (run.tally.resumed) await this.#search.recall(found, run);
    for (let after: Digest | undefined = run.scan.after; ;) {
      const last = found.isFull ? after : await this.#search.fill(found, after, run);
      if (!(await this.#settle(found, run))) return false;
      if (last === 'end') return true;
      after = last;
      found = new OrphanCandidates(this.#most);
    }
  }

  async #settle(found: OrphanCandidates, run: OrphanRun): Promise<boolean> {
    if (found.size === 0) return true;
    run.tally.enter('names');
    const isClear = await this.#names.mark(found, run);
    const nameless = found.which(false);
    if (isClear) await this.#register(nameless, run);
    else for (const { size } of nameless) run.tally.undecided.add(size);
    if (isClear && !run.dryRun) await this.#scans.settle();
    run.tally.enter('blobs');
    return isClear;
  }

  /** Looked at once more: reading all names has taken its time. */
  async #register(candidates: readonly OrphanCandidate[], run: OrphanRun): Promise<void> {
    const look = async ({ digest }: OrphanCandidate) => ({
      digest,
      file: await this.#inventory.blobFile(digest),
    });
    let orphans: OrphanedContent[] = [];
    for await (const { digest, file } of mapInOrder(candidates, IN_FLIGHT, look, run.signal)) {
      if (file === undefined) continue;
      if (isYoung(file, run)) run.tally.young.add(file.size);
      else orphans.push({ digest, size: file.size });
      if (orphans.length < BATCH) continue;
      await this.#registerBatch(orphans, run);
      orphans = [];
    }
    await this.#registerBatch(orphans, run);
  }

  async #registerBatch(orphans: readonly OrphanedContent[], { dryRun, tally }: OrphanRun): Promise<void> {
    const registered = dryRun ? orphans : await this.#contents.registerOrphans(orphans, this.#clock.now());
    for (const { size } of registered) tally.registered.add(size);
  }
}

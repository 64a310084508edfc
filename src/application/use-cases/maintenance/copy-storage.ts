import { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { BlobStore } from '../../ports/storage/blob-store.js';
import type { CopyTarget } from '../../ports/storage/copy-target.js';
import type { StoredTree, TreeDamage } from '../../ports/storage/stored-tree.js';
import type { TagHistory } from '../../ports/storage/tag-history.js';
import type { BlobEntry, TreeInventory } from '../../ports/storage/tree-inventory.js';
import type { Clock } from '../../ports/system/clock.js';
import { BlobCopy, type CopiedContent } from '../../services/blob-copy.js';
import { CopyPass, type CopyProgress } from '../../services/copy-pass.js';
import { mergeSorted, type MergedName } from '../../services/merge-sorted.js';
import { NameCopy } from '../../services/name-copy.js';
import { workAtOnce } from '../../services/work-at-once.js';

/** Blobs at once: enough to hide what a look at an object store takes, and some 70 MB of memory at most. */
const BLOBS_AT_ONCE = 16;
const REPOSITORIES_AT_ONCE = 4;
/** Who still finds something new then has a source that changes all the time. */
const MOST_PASSES = 3;

/** The tree that is copied. It is only read. */
export interface CopySource extends CopiedContent {
  readonly inventory: TreeInventory;
  readonly tree: StoredTree;
  readonly history: TagHistory;
}

export interface CopyDestination {
  readonly blobs: BlobStore;
  readonly tree: StoredTree;
  readonly copy: CopyTarget;
}

export interface CopyRequest {
  /** Reads blobs that the target has already; otherwise their sizes are enough. */
  readonly verify: boolean;
  /** Lets a tag that names something of the target's own name what it names in the source. */
  readonly moveTags: boolean;
}

export interface CopyReport extends Pick<CopyPass, 'damages' | 'conflicts' | 'extras' | 'startedAt'> {
  /** Whether the last pass has copied nothing: all that it compared was there. */
  readonly settled: boolean;
}

/**
 * Copies the reference registry's tree from one storage to another: all blobs, verified while they are copied, then the
 * names. Uploads in progress are not copied, and nothing that lies beside the tree.
 *
 * It passes over everything again until a pass finds nothing that the target lacks. That is certain of a source in which
 * nothing can change; of any other it says what was the case at some time since the last pass began.
 */
export class CopyStorage {
  readonly #source: CopySource;
  readonly #target: CopyDestination;
  readonly #clock: Clock;
  readonly #blobs: BlobCopy;
  readonly #names: NameCopy;
  /** Blobs of the source that were found damaged: they are not read in every pass. */
  readonly #damaged = new Map<string, TreeDamage>();

  constructor(source: CopySource, target: CopyDestination, clock: Clock) {
    this.#source = source;
    this.#target = target;
    this.#clock = clock;
    this.#blobs = new BlobCopy(source, target);
    this.#names = new NameCopy(source, target);
  }

  /**
   * Goes on where a copy before was ended: what is there is not copied again. When it resolves, everything in the target
   * survives a power loss.
   * @throws StorageFault of the target, or when the source can not be read at all; the signal's reason. What was copied
   * until then stands.
   */
  async execute(request: CopyRequest, progress: CopyProgress, signal: AbortSignal): Promise<CopyReport> {
    const flushAll = await this.#target.copy.begin();
    for (;;) {
      const pass = new CopyPass(progress, this.#clock.now());
      const isFirst = progress.pass === 1;
      await this.#copyBlobs(
        { verify: request.verify && isFirst, flushAll: flushAll && isFirst, signal },
        pass,
      );
      await this.#copyNames({ moveTags: request.moveTags, flushAll: flushAll && isFirst, signal }, pass);
      const { damages, conflicts, extras, startedAt } = pass;
      const settled = pass.copied === 0;
      if (!settled && progress.pass < MOST_PASSES) continue;
      await this.#target.copy.clear();
      return { settled, damages, conflicts, extras, startedAt };
    }
  }

  async #copyBlobs(how: BlobPass, pass: CopyPass): Promise<void> {
    const copy = (entry: BlobEntry): Promise<void> => this.#copyBlob(entry, how, pass);
    const forget = await Promise.all([
      this.#source.tree.learnBlobs(how.signal),
      this.#target.tree.learnBlobs(how.signal),
    ]);
    try {
      const entries = this.#source.inventory.blobs(undefined, how.signal);
      await workAtOnce(entries, BLOBS_AT_ONCE, copy, how.signal);
    } finally {
      for (const each of forget) each();
    }
  }

  /** A half-written file that a killed process has left is nothing that anybody ever had. */
  async #copyBlob(entry: BlobEntry, { verify, flushAll, signal }: BlobPass, pass: CopyPass): Promise<void> {
    if (entry.kind === 'damaged') pass.damages.add(entry.damage);
    if (entry.kind !== 'blob') return;
    const { digest } = entry;
    const { progress } = pass;
    const known = this.#damaged.get(digest.toString());
    if (known !== undefined) {
      pass.damages.add(known);
      return;
    }
    let bytes = 0;
    const moved = (more: number): void => {
      bytes += more;
      progress.bytesCopied += more;
    };
    const outcome = await this.#blobs.copy({ digest, verify, moved, signal });
    if (outcome.kind === 'copied') {
      pass.copied += 1;
      progress.blobsCopied += 1;
    } else if (outcome.kind === 'there') {
      progress.blobsThere += 1;
      if (flushAll) await this.#target.copy.keep(digest);
    } else {
      progress.bytesCopied -= bytes;
      if (outcome.kind !== 'damaged') return;
      this.#damaged.set(digest.toString(), outcome.damage);
      pass.damages.add(outcome.damage);
    }
  }

  async #copyNames(how: NamePass, pass: CopyPass): Promise<void> {
    const onDamage = (damage: TreeDamage): void => pass.damages.add(damage);
    const names = mergeSorted(
      this.#source.tree.repositories(undefined, how.signal, onDamage),
      this.#target.tree.repositories(undefined, how.signal),
    );
    const copy = (name: MergedName): Promise<void> => this.#copyRepository(name, how, pass);
    await workAtOnce(names, REPOSITORIES_AT_ONCE, copy, how.signal);
  }

  async #copyRepository({ name, sides }: MergedName, how: NamePass, pass: CopyPass): Promise<void> {
    const [inSource] = sides;
    const repository = RepositoryName.ofExisting(name);
    if (!inSource) pass.extras.add(`repository ${name}`);
    else if (repository === undefined) {
      const reason = 'is a name that no repository can have';
      pass.damages.add({ path: this.#source.tree.pathOf(name), repository: name, reason });
    } else {
      await this.#names.copy({ repository, ...how }, pass);
      pass.progress.repositories += 1;
    }
  }
}

interface BlobPass {
  readonly verify: boolean;
  readonly flushAll: boolean;
  readonly signal: AbortSignal;
}

interface NamePass {
  readonly moveTags: boolean;
  readonly flushAll: boolean;
  readonly signal: AbortSignal;
}

import type { ContentRegister, RegisteredContent } from '../../ports/metadata/content-register.js';
import type { StoredTree } from '../../ports/storage/stored-tree.js';
import type { BlobFolder, TreeChanges } from '../../ports/storage/tree-changes.js';
import type { Logger } from '../../ports/system/logger.js';

const PAGE = 500;

/** Finds blobs whose bytes another program has taken away, as the reference registry's collection does. */
export class FindLostBlobs {
  readonly #changes: TreeChanges;
  readonly #tree: StoredTree;
  readonly #contents: ContentRegister;
  readonly #logger: Logger;

  constructor(changes: TreeChanges, tree: StoredTree, contents: ContentRegister, logger: Logger) {
    this.#changes = changes;
    this.#tree = tree;
    this.#contents = contents;
    this.#logger = logger;
  }

  /** @param since ms of Unix time on the storage's clock: only folders that were changed afterwards are looked at */
  async execute(since: number, signal: AbortSignal): Promise<void> {
    const folders = await this.#changes.blobFolders(since);
    if (folders.length === 0) return;
    const forget = await this.#tree.learnBlobs(signal);
    try {
      for (const folder of folders) await this.#lookInto(folder, signal);
    } finally {
      forget();
    }
  }

  async #lookInto(folder: BlobFolder, signal: AbortSignal): Promise<void> {
    for (let after: RegisteredContent | undefined; ;) {
      signal.throwIfAborted();
      const page = await this.#contents.present(folder, after?.digest, PAGE);
      await this.#look(page, folder);
      after = page.at(-1);
      if (page.length < PAGE) return;
    }
  }

  async #look(page: readonly RegisteredContent[], folder: BlobFolder): Promise<void> {
    const sizes = await Promise.all(page.map(({ digest }) => this.#tree.blobSize(digest)));
    const lost = page.filter((_content, at) => sizes[at] === undefined);
    if (lost.length === 0) return;
    await this.#contents.lose(lost.map(({ id }) => id));
    this.#logger.warn('bytes of blobs are gone from the storage; they are taken when they are pushed again', {
      folder: `${folder.algorithm}/${folder.prefix}`,
      blobs: lost.length,
      first: String(lost[0]?.digest),
    });
  }
}

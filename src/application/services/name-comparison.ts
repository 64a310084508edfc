import { Digest } from '../../domain/content/digest.js';
import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { BlobIndex } from '../ports/metadata/blob-index.js';
import type { LinkValue, NameJournal } from '../ports/metadata/name-journal.js';
import type { LinkStore } from '../ports/storage/link-store.js';
import { StorageFault } from '../ports/storage/storage-fault.js';
import type { StoredTree } from '../ports/storage/stored-tree.js';
import type { NamedDifference } from './index-difference.js';
import { readStoredManifest } from './read-stored-manifest.js';

type ContentName = Exclude<LinkedName, { kind: 'tag' }>;

/**
 * Holds one name of the tree against the same name of the database. Of names that both have alike, the bytes are looked
 * at too, unless it is made to compare names only: that costs a look at the storage for each of them.
 */
export class NameComparison {
  readonly #tree: StoredTree;
  readonly #links: LinkStore;
  readonly #names: NameJournal;
  readonly #blobs: BlobIndex;
  readonly #namesOnly: boolean;

  constructor(
    tree: StoredTree,
    links: LinkStore,
    names: NameJournal,
    blobs: BlobIndex,
    { namesOnly = false }: { readonly namesOnly?: boolean } = {},
  ) {
    this.#tree = tree;
    this.#links = links;
    this.#names = names;
    this.#blobs = blobs;
    this.#namesOnly = namesOnly;
  }

  /** Looks at both. Undefined when they agree. */
  async look(name: LinkedName): Promise<NamedDifference | undefined> {
    return this.compare(name, await this.#links.read(name));
  }

  /** Whether a change of it by us has still to reach the tree: then the tree's side tells nothing. */
  isPending(name: LinkedName): Promise<boolean> {
    return this.#names.isPending(name);
  }

  /** The same, where the tree's side is known. */
  async compare(
    name: LinkedName,
    inTree: Digest | 'damaged' | undefined,
  ): Promise<NamedDifference | undefined> {
    const value = await this.#names.value(name);
    if (inTree === undefined || inTree === 'damaged') {
      if (value === undefined) return undefined;
      const { target } = value;
      return inTree === undefined
        ? { kind: 'only-in-database', name, target }
        : { kind: 'link-damaged', name, target, reason: 'can not be read' };
    }
    if (value === undefined) return this.#onlyInTree(name, inTree);
    if (!inTree.equals(value.target)) {
      return { kind: 'other-target', name, tree: inTree, database: value.target };
    }
    if (name.kind === 'tag' || this.#namesOnly) return undefined;
    return name.kind === 'layer' ? this.#compareSize(name) : this.#compareBytes(name, value);
  }

  /** For a name of the database: whether the tree has it. Undefined when it has, whatever it says there. */
  async whetherMissing(name: LinkedName): Promise<NamedDifference | undefined> {
    const inTree = await this.#links.read(name);
    return inTree === undefined || inTree === 'damaged' ? this.compare(name, inTree) : undefined;
  }

  async #onlyInTree(name: LinkedName, target: Digest): Promise<NamedDifference> {
    const reason = await this.#whyNotServed(name, target);
    return reason === undefined
      ? { kind: 'only-in-tree', name, target }
      : { kind: 'dangling', name, target, reason };
  }

  async #whyNotServed(name: LinkedName, target: Digest): Promise<string | undefined> {
    if (name.kind === 'tag') {
      const { repository } = name;
      const revision = await this.#links.read({ kind: 'revision', repository, digest: target });
      return revision instanceof Digest ? undefined : 'names a manifest that the repository does not have';
    }
    if (name.kind === 'layer') {
      const size = await this.#tree.blobSize(name.digest);
      return size === undefined ? 'names a blob that is not there' : undefined;
    }
    const read = await readStoredManifest(this.#tree, name.repository, name.digest);
    return 'reason' in read ? read.reason : undefined;
  }

  async #compareSize(name: ContentName): Promise<NamedDifference | undefined> {
    const tree = await this.#tree.blobSize(name.digest);
    const database = (await this.#blobs.find(name.repository, name.digest))?.size;
    if (tree === database || (tree !== undefined && database === undefined)) return undefined;
    // Whoever writes its link places it as well.
    if ((await this.#names.waiting(name.digest)) !== undefined) return undefined;
    if (tree === undefined || database === undefined) return { kind: 'bytes-missing', name };
    return { kind: 'other-size', name, tree, database };
  }

  async #compareBytes(name: ContentName, { manifest }: LinkValue): Promise<NamedDifference | undefined> {
    const bytes = await this.#manifestBytes(name.digest);
    if (bytes === undefined) return { kind: 'bytes-missing', name };
    return manifest === undefined || Buffer.from(bytes).equals(manifest.bytes)
      ? undefined
      : { kind: 'other-bytes', name };
  }

  async #manifestBytes(digest: Digest): Promise<Uint8Array | undefined> {
    try {
      return await this.#tree.manifestBytes(digest);
    } catch (error) {
      if (error instanceof StorageFault && error.concernsPath) return undefined;
      throw error;
    }
  }
}

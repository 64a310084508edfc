import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type { FoundBlob, FoundManifest, MovedTags, TreeFindings } from '../ports/metadata/tree-adoption.js';
import type { StoredTag, TreeDamage } from '../ports/storage/stored-tree.js';

/** Rows of one transaction, about: it stops the event loop for some milliseconds. */
const MOST_ROWS = 1_000;
const MOST_BYTES = 1024 * 1024;

/** What was found of a repository and is not written yet. */
export class FindingsBatch {
  readonly #repository: RepositoryName;
  readonly #movedTags: MovedTags;
  #blobs: FoundBlob[] = [];
  #manifests: FoundManifest[] = [];
  #tags: StoredTag[] = [];
  #unreadable: TreeDamage[] = [];
  #rows = 0;
  #taken = 0;
  #bytes = 0;

  constructor(repository: RepositoryName, movedTags: MovedTags) {
    this.#repository = repository;
    this.#movedTags = movedTags;
  }

  get isFull(): boolean {
    return this.#rows >= MOST_ROWS || this.#bytes >= MOST_BYTES;
  }

  /** How often it was taken. */
  get taken(): number {
    return this.#taken;
  }

  addBlob(blob: FoundBlob): void {
    this.#blobs.push(blob);
    this.#rows += 1;
  }

  addManifest(manifest: FoundManifest): void {
    this.#manifests.push(manifest);
    this.#rows += 1 + (manifest.content?.references.length ?? 0);
    this.#bytes += manifest.bytes.length;
  }

  addTag(tag: StoredTag): void {
    this.#tags.push(tag);
    this.#rows += 1;
  }

  addUnreadable(damage: TreeDamage): void {
    this.#unreadable.push(damage);
    this.#rows += 1;
  }

  /** Everything in it, which it then has no more; undefined when there is nothing. */
  take(): TreeFindings | undefined {
    if (this.#rows === 0) return undefined;
    const findings = {
      repository: this.#repository,
      blobs: this.#blobs,
      manifests: this.#manifests,
      tags: this.#tags,
      movedTags: this.#movedTags,
      unreadable: this.#unreadable,
    };
    [this.#blobs, this.#manifests, this.#tags, this.#unreadable] = [[], [], [], []];
    [this.#rows, this.#bytes] = [0, 0];
    this.#taken += 1;
    return findings;
  }
}

import type { Digest } from '../../domain/content/digest.js';
import type { TreeDamage } from '../ports/storage/stored-tree.js';

/** Things of one kind that are named; of more only the number is known. */
const NAMED = 1_000;

/** How far a copy has come; counted up while it runs. */
export interface CopyProgress {
  /** From 1. */
  pass: number;
  /** In all passes. */
  blobsCopied: number;
  bytesCopied: number;
  namesCopied: number;
  /** In this pass: what was looked at and was there already. */
  blobsThere: number;
  namesThere: number;
  repositories: number;
}

/** How many there are, and the first of them. */
export class Listed<T> {
  readonly first: T[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(one: T): void {
    this.#count += 1;
    if (this.first.length < NAMED) this.first.push(one);
  }
}

/** A tag that both trees have, and that never named in the source what it names in the target. */
export interface TagConflict {
  /** `<repository>:<tag>` */
  readonly tag: string;
  readonly source: Digest;
  readonly target: Digest;
}

/** What one pass over source and target has found. */
export class CopyPass {
  readonly progress: CopyProgress;
  /** ms of Unix time: what changed in the source since may have been missed. */
  readonly startedAt: number;
  /** In the source. */
  readonly damages = new Listed<TreeDamage>();
  readonly conflicts = new Listed<TagConflict>();
  /** Repositories and names that only the target has, as text. */
  readonly extras = new Listed<string>();
  /** Blobs and names that were not there before. */
  copied = 0;

  constructor(progress: CopyProgress, startedAt: number) {
    this.progress = progress;
    this.startedAt = startedAt;
    progress.pass += 1;
    progress.blobsThere = 0;
    progress.namesThere = 0;
    progress.repositories = 0;
  }
}

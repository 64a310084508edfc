import type { Digest } from '../../domain/content/digest.js';

/** Bytes that no row knows, while it is being found out whether anything in the tree names them. */
export interface OrphanCandidate {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  isNamed: boolean;
}

/** Some candidates, by digest: as many as are held against the links of the whole tree at once. */
export class OrphanCandidates {
  readonly #most: number;
  readonly #byText = new Map<string, OrphanCandidate>();

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#byText.size >= this.#most;
  }

  get size(): number {
    return this.#byText.size;
  }

  add(digest: Digest, size: number): void {
    this.#byText.set(digest.toString(), { digest, size, isNamed: false });
  }

  get(text: string): OrphanCandidate | undefined {
    return this.#byText.get(text);
  }

  remove({ digest }: OrphanCandidate): void {
    this.#byText.delete(digest.toString());
  }

  /** Those that something names, or those that nothing does. */
  which(isNamed: boolean): readonly OrphanCandidate[] {
    return [...this.#byText.values()].filter((candidate) => candidate.isNamed === isNamed);
  }
}

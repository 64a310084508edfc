import { LRUCache } from 'lru-cache';
import { endOf, type Piece } from './piece.js';

/** What a staged file consists of. */
export interface StagedFile {
  readonly attempt: string;
  /** In their order and without a gap. */
  readonly pieces: readonly Piece[];
}

export function sizeOfStaged({ pieces }: StagedFile): number {
  const last = pieces.at(-1);
  return last === undefined ? 0 : endOf(last);
}

/** Pieces of all files together that are remembered. */
const MOST_PIECES = 50_000;
const MOST_ATTEMPTS = 10_000;

/**
 * What this process itself has written, so that a file that was written here is read and moved without asking what is
 * there. Another process may have gone on with it since: what is asked for beyond the remembered size is looked up, and
 * whatever goes wrong is a reason to forget.
 */
export class KnownFiles {
  readonly #files = new LRUCache<string, StagedFile>({
    maxSize: MOST_PIECES,
    sizeCalculation: ({ pieces }) => pieces.length + 1,
  });
  readonly #attempts = new LRUCache<string, string>({ max: MOST_ATTEMPTS });

  file(key: string): StagedFile | undefined {
    return this.#files.get(key);
  }

  remember(key: string, file: StagedFile): void {
    this.#files.set(key, file);
  }

  /** What it consists of, but not that it was begun here. */
  forget(key: string): void {
    this.#files.delete(key);
  }

  /** The attempt that was begun here last, whatever came of it. */
  attempt(key: string): string | undefined {
    return this.#attempts.get(key);
  }

  begin(key: string, attempt: string): void {
    this.#attempts.set(key, attempt);
  }

  /** Everything about the file of this key and those below it. */
  forgetBelow(key: string): void {
    const below = `${key}/`;
    for (const map of [this.#files, this.#attempts]) {
      for (const each of map.keys()) if (each === key || each.startsWith(below)) map.delete(each);
    }
  }
}

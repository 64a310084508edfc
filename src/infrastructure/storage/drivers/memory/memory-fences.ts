import type { RemovalOutcome } from '../../../../application/ports/storage/blob-removal.js';
import { pathSegments } from '../path-segments.js';
import type { MemoryTree } from './memory-tree.js';

/** The fences that are open: nothing is kept in them, for whoever reads a file has its bytes. */
export class MemoryFences {
  readonly #tree: MemoryTree;
  /** When each was opened, ms of Unix time, by its path. */
  readonly #open = new Map<string, number>();

  constructor(tree: MemoryTree) {
    this.#tree = tree;
  }

  open(fence: string): void {
    this.#open.set(pathSegments(fence).join('/'), Date.now());
  }

  remove(path: string, taken: string): RemovalOutcome {
    pathSegments(path);
    const fence = pathSegments(taken).slice(0, -1).join('/');
    if (!this.#open.has(fence)) return 'fenced';
    this.#tree.remove(path);
    this.#tree.removeEmptyFolderOf(path);
    return 'gone';
  }

  break(fence: string): void {
    this.#open.delete(pathSegments(fence).join('/'));
  }

  openedBefore(folder: string, moment: number): readonly string[] {
    const above = `${pathSegments(folder).join('/')}/`;
    const opened = [...this.#open].filter(([fence, at]) => fence.startsWith(above) && at < moment);
    return opened.map(([fence]) => fence.slice(above.length));
  }
}

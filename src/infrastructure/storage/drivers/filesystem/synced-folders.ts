import { dirname } from 'node:path';

/**
 * Folders that were synced. To forget one costs what there is in it, not what there is: collection removes links by
 * thousands, and every repository that was written has some folders here.
 */
export class SyncedFolders {
  readonly #synced = new Set<string>();
  /** What lies directly in a folder, of those above: each is found from the top. */
  readonly #inside = new Map<string, Set<string>>();

  get size(): number {
    return this.#synced.size;
  }

  has(folder: string): boolean {
    return this.#synced.has(folder);
  }

  add(folder: string): void {
    this.#synced.add(folder);
    for (let each = folder; dirname(each) !== each; each = dirname(each)) {
      const beside = this.#inside.get(dirname(each));
      if (beside === undefined) {
        this.#inside.set(dirname(each), new Set([each]));
        continue;
      }
      beside.add(each);
      return;
    }
  }

  /** Forgets all that are not among these. */
  keepOnly(folders: Iterable<string>): void {
    const kept = [...folders].filter((folder) => this.#synced.has(folder));
    this.#synced.clear();
    this.#inside.clear();
    for (const folder of kept) this.add(folder);
  }

  /** With those in it, however deep. @returns all that were there */
  forget(folder: string): readonly string[] {
    const forgotten: string[] = [];
    const ahead = [folder];
    for (let each = ahead.pop(); each !== undefined; each = ahead.pop()) {
      if (this.#synced.delete(each)) forgotten.push(each);
      ahead.push(...(this.#inside.get(each) ?? []));
      this.#inside.delete(each);
    }
    this.#inside.get(dirname(folder))?.delete(folder);
    return forgotten;
  }
}

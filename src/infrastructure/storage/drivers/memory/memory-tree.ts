import type { StorageEntry } from '../../../../application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../../application/ports/storage/storage-fault.js';
import { pathSegments } from '../path-segments.js';
import { MemoryFile } from './memory-file.js';

type Folder = Map<string, MemoryFile | Folder>;

/** Folders and files by path, as a file system keeps them. */
export class MemoryTree {
  readonly #root: Folder = new Map();

  file(path: string): MemoryFile | undefined {
    const node = this.#node(pathSegments(path));
    return node instanceof MemoryFile ? node : undefined;
  }

  /** Makes the folders on the way and puts the file in place of whatever file is there. */
  put(path: string, file: MemoryFile): void {
    const [folders, name] = split(path);
    let folder = this.#root;
    for (const segment of folders) {
      const next = folder.get(segment) ?? new Map<string, MemoryFile | Folder>();
      if (next instanceof MemoryFile) throw new StorageFault('broken', `cannot write ${path}: ENOTDIR`);
      folder.set(segment, next);
      folder = next;
    }
    if (folder.get(name) instanceof Map) throw new StorageFault('broken', `cannot write ${path}: EISDIR`);
    folder.set(name, file);
  }

  remove(path: string): void {
    const [folders, name] = split(path);
    const folder = this.#node(folders);
    if (folder instanceof Map) folder.delete(name);
  }

  /** Removes the folder in which a path lies, when nothing is in it. */
  removeEmptyFolderOf(path: string): void {
    const [folders] = split(path);
    const folder = this.#node(folders);
    if (folders.length > 0 && folder instanceof Map && folder.size === 0) this.remove(folders.join('/'));
  }

  entries(path: string): readonly StorageEntry[] {
    const folder = this.#node(pathSegments(path));
    if (!(folder instanceof Map)) return [];
    return [...folder].map(([name, node]) => ({
      name,
      kind: node instanceof MemoryFile ? 'file' : 'folder',
    }));
  }

  isFolder(path: string): boolean {
    return this.#node(pathSegments(path)) instanceof Map;
  }

  #node(way: readonly string[]): MemoryFile | Folder | undefined {
    let node: MemoryFile | Folder | undefined = this.#root;
    for (const segment of way) node = node instanceof Map ? node.get(segment) : undefined;
    return node;
  }
}

function split(path: string): readonly [readonly string[], string] {
  const way = pathSegments(path);
  return [way.slice(0, -1), way.at(-1) ?? ''];
}

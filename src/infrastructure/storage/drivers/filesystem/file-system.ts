import type { StorageEntry, StorageSurvey } from '../../../../application/ports/storage/storage-driver.js';

/** What is known of an open or named file. */
export interface FileStat {
  /** Bytes. */
  readonly size: number;
  /** Names the file still has; 0 when it was removed while it is open. */
  readonly links: number;
  readonly isFile: boolean;
  readonly isFolder: boolean;
  /** Its ctime, ms of Unix time on the clock of the file system. */
  readonly changedAt: number;
  /** Of a named folder: the same by every path that leads to it. */
  readonly identity?: string;
  /** Of a named folder: which file system it is on. */
  readonly device?: string;
}

export type Taken = 'gone' | 'fenced';

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** A file to be put in the place of whatever is there. */
export interface Replacement {
  readonly path: string;
  readonly temporary: string;
  readonly content: Uint8Array;
}

/**
 * The system calls the filesystem driver lives on, by absolute paths and descriptors. Errors are those of node:fs, with
 * their `code`. Tests put a file system that loses power in its place.
 */
export interface FileSystem {
  /** `flags` as for open(2); a new file gets mode 0666 minus umask. */
  open(path: string, flags: number): Promise<number>;
  /** @param size bytes of the file: the last close of one that was removed gives them back, which takes its time */
  close(descriptor: number, size?: number): Promise<void>;
  stat(path: string): Promise<FileStat>;
  fstat(descriptor: number): Promise<FileStat>;
  /** Returns the bytes read, which may be fewer than asked for; 0 at the end. */
  read(descriptor: number, buffer: Uint8Array, position: number): Promise<number>;
  /** Returns the bytes taken, which may be fewer than given. */
  writev(descriptor: number, chunks: readonly Uint8Array[], position: number): Promise<number>;
  ftruncate(descriptor: number, length: number): Promise<void>;
  fsync(descriptor: number): Promise<void>;
  fdatasync(descriptor: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Makes the folder and those above it (mode 0777 minus umask); no error when it is there. */
  mkdir(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  readdir(path: string): Promise<readonly FolderEntry[]>;

  /** The entries of a folder; links are followed. */
  list(path: string): Promise<readonly StorageEntry[]>;
  /** When the last of them was changed; undefined when none is there. */
  newestOf(paths: readonly string[]): Promise<number | undefined>;
  /** Looks at `<folder>/<leaf>` for each folder in a folder. */
  survey(path: string, leaf: string): Promise<StorageSurvey>;
  openFolder(path: string): Promise<number>;
  /** A small file whole; EFBIG when it has more than `most` bytes. */
  readWhole(path: string, most: number): Promise<Uint8Array>;
  /** Makes a new file with this content, and folders as needed; returns its descriptor, open for writing. */
  create(path: string, content: Uint8Array): Promise<number>;
  /**
   * Renames, and makes the folders that the new name needs, again when others remove them meanwhile. False when there is
   * nothing at `from`.
   */
  place(from: string, to: string): Promise<boolean>;
  /**
   * Renames into a folder that may be gone, and removes the folder that it leaves empty. `gone` when nothing is at `from`
   * any more, or nothing was; `fenced` when there is no folder to rename into.
   */
  takeInto(from: string, to: string): Promise<Taken>;
  /**
   * Puts contents at their paths, each in one step by way of its temporary path, and makes folders as `place` does. In this
   * order; what fails ends it.
   */
  replaceAll(files: readonly Replacement[]): Promise<void>;
  /**
   * Syncs the whole file systems that the paths are on, where there are so many that it takes less than to sync each.
   * False when nothing was synced.
   */
  syncAtOnce(paths: readonly string[]): Promise<boolean>;
  /** Syncs files and folders behind everything else; what is not there any more needs none. The error has the `path`. */
  syncEach(paths: readonly string[]): Promise<void>;
  /** Lets go of threads, when nothing runs any more. */
  end(): Promise<void>;
}

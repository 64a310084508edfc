/** What is known of an open or named file. */
export interface FileStat {
  /** Bytes. */
  readonly size: number;
  /** Names the file still has; 0 when it was removed while it is open. */
  readonly links: number;
  readonly isFile: boolean;
  readonly isFolder: boolean;
}

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/**
 * The system calls the filesystem driver lives on, by absolute paths and descriptors. Errors are those of node:fs, with
 * their `code`. Tests put a file system that loses power in its place.
 */
export interface FileSystem {
  /** `flags` as for open(2); a new file gets mode 0666 minus umask. */
  open(path: string, flags: number): Promise<number>;
  close(descriptor: number): Promise<void>;
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
}

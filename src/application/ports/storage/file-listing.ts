/** A file as a listing tells of it. */
export interface ListedFile {
  /** The whole path. Somebody else may have put it there: a segment may be any text. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** When it was written, ms of Unix time on the storage's clock; some storages know whole seconds only. */
  readonly changedAt: number;
  /**
   * What the storage calls the content. If it is the MD5 of some bytes, in hex, the file holds those bytes; if it is not,
   * nothing follows: a file that was put in parts, or is encrypted, has another.
   */
  readonly checksum: string;
}

/**
 * Lists files by how their paths begin, whatever folders there are on the way: one look tells up to a thousand of them.
 * A file that is being written may come as pieces, with `~` in their paths.
 */
export interface FileListing {
  /**
   * Files whose paths begin with the text, in byte order of their paths, strictly behind `after`. Each page is one look,
   * made when it is asked for. Rejects with StorageFault.
   * @param prefix need not end where a segment does
   */
  pages(prefix: string, after?: string): AsyncIterable<readonly ListedFile[]>;
}

/** Tells cheaply what somebody else may have changed in the reference registry's tree, by the times of files and folders. */
export interface TreeChanges {
  /**
   * Whether a name of the repository may have been added, moved or taken away since a moment; true when that can not be
   * told. Links and folders are looked at, none is read.
   * @param repository as it is called in the tree
   * @param since ms of Unix time on the storage's clock
   */
  mayHaveChanged(repository: string, since: number): Promise<boolean>;

  /** Folders that hold blobs into which something came, or from which something went, since a moment. */
  blobFolders(since: number): Promise<readonly BlobFolder[]>;

  /** The storage's clock: ms of Unix time. */
  now(): Promise<number>;
}

/** The blobs of one algorithm whose digests begin with the same two hex digits. */
export interface BlobFolder {
  readonly algorithm: string;
  readonly prefix: string;
}

/** To which metadata database the tree belongs. */
export interface Ownership {
  /** DatabaseIdentity.id */
  readonly database: string;
  /** The number of a change that the tree has: DatabaseIdentity.lastChange of its database is not lower. */
  readonly journal: number;
}

/** What the tree says of its metadata database. Faults of the medium are thrown as StorageFault. */
export interface TreeOwner {
  /**
   * Undefined when the tree belongs to none yet; `damaged` when what it says can not be understood.
   */
  read(): Promise<Ownership | 'damaged' | undefined>;

  /** When it resolves, the tree says so, and does so after a power loss too. */
  write(ownership: Ownership): Promise<void>;

  /** Notes the time on the medium's clock: whatever was written before is older. */
  markFlushed(): Promise<void>;

  /** When `markFlushed` was called last, by any process: ms of Unix time on the medium's clock. */
  flushedAt(): Promise<number | undefined>;

  /**
   * Lets every later start know that the times of files do not tell what others have changed. When it resolves, a power
   * loss does not take that back.
   * @param why one line
   */
  distrust(why: string): Promise<void>;

  /** What `distrust` was told last; undefined when nothing, or when trust came back. */
  distrusted(): Promise<string | undefined>;

  /** Takes `distrust` back. */
  trust(): Promise<void>;

  /** Whether there is neither a repository nor a blob. */
  isEmpty(): Promise<boolean>;
}

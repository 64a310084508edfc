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

  /** Whether there is neither a repository nor a blob. */
  isEmpty(): Promise<boolean>;
}

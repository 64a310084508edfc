/** 16 random bytes that tell one process from every other one that ever used the registry's folder. */
export type InstanceId = Buffer;

/** The processes that use the registry's folder, and those that ended without cleaning up. */
export interface Instances {
  readonly own: InstanceId;

  /**
   * From here to `end`, or to the end of the process, others find this one alive.
   * @param command what the process does, for messages: `stowage serve`
   * @param takesIn whether it takes names of the tree into the database, until `noteComparedTree`
   */
  begin(command: string, takesIn: boolean): void;

  /** A clean end: nothing of this process is left to be taken over. */
  end(): void;

  /**
   * Whether the process may still do what it has begun. A no is final; a yes may be a second old. Asked for many rows
   * in a row, so it is cheap.
   */
  isAlive(id: Uint8Array): boolean;

  /** Whether another process uses the folder at this moment. */
  hasCompany(): boolean;

  /** Tells others that this process has compared the whole tree with the database, and writes both from now on. */
  noteComparedTree(): void;

  /** Whether another process that is alive has said so. */
  othersComparedTree(): boolean;

  /**
   * Whether another process may just be taking names of the tree into the database: what it has seen there must not be
   * removed before it is done. Call it after `noteComparedTree`; of two processes at least one then sees the other.
   */
  othersTakeIn(): boolean;

  /** Processes that ended without `end`, until they are forgotten. */
  deadOnes(): readonly InstanceId[];

  /** Once nothing of it is left to be taken over. Does nothing to one that is alive. */
  forget(id: Uint8Array): void;
}
